import Foundation
import Glibc

/// A web server on loopback that hands git's smart http to `git http-backend`; basic authentication says who pushes.
struct WebServer: Sendable {
  static let shared = Once { try await WebServer() }

  private let folder: Folder
  private let port: Int
  private let daemons: [Daemon]

  init() async throws {
    let folder = try Folder()
    self.folder = folder
    guard let nginx = Built.program("nginx"), let wrapper = Built.program("fcgiwrap") else {
      throw Program.Failure(description: "no web server here")
    }
    port = try Daemon.freePort()
    let users = ["alice", "bob", "canary"].map { "\($0):{PLAIN}secret-\($0)\n" }.joined()
    try TestServer.write(users, to: folder.path + "/users")
    try TestServer.write(Self.configuration(folder.path, port: port), to: folder.path + "/nginx.conf")
    let log = folder.path + "/log"
    daemons = [
      try Daemon(wrapper, ["-c", "8", "-s", "unix:\(folder.path)/cgi.socket"], log: log),
      try Daemon(
        nginx, ["-p", folder.path, "-c", folder.path + "/nginx.conf", "-e", log, "-g", "daemon off;"], log: log),
    ]
    try await Daemon.awaitListener(on: port, log: log)
  }

  func access(to repository: String, as user: String) -> Transport.Access {
    Transport.Access(url: "http://\(user):secret-\(user)@127.0.0.1:\(port)\(repository)", environment: [:])
  }

  /// The address without a user.
  func address(of repository: String) -> String { "http://127.0.0.1:\(port)\(repository)" }

  private static func configuration(_ folder: String, port: Int) -> String {
    let backend = "/usr/lib/git-core/git-http-backend"
    return """
      \(getuid() == 0 ? "user root;" : "")
      worker_processes 1;
      pid \(folder)/nginx.pid;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path \(folder)/body;
        fastcgi_temp_path \(folder)/fastcgi;
        proxy_temp_path \(folder)/proxy;
        uwsgi_temp_path \(folder)/uwsgi;
        scgi_temp_path \(folder)/scgi;
        client_max_body_size 0;
        server {
          listen 127.0.0.1:\(port);
          auth_basic git;
          auth_basic_user_file \(folder)/users;
          location / {
            fastcgi_pass unix:\(folder)/cgi.socket;
            fastcgi_param SCRIPT_FILENAME \(backend);
            fastcgi_param GIT_PROJECT_ROOT /;
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param PATH_INFO $uri;
            fastcgi_param REMOTE_USER $remote_user;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
            fastcgi_param HTTP_GIT_PROTOCOL $http_git_protocol;
            fastcgi_buffering off;
            fastcgi_request_buffering off;
            fastcgi_read_timeout 600s;
          }
        }
      }

      """
  }
}
