package import Domain

/// What the administrator decides about sandboxes.
package struct SandboxSettings: Hashable, Sendable {
  /// The user that commands run as where the worker is root.
  package var user = "nobody"
  /// Folders of the host that commands may read; `<folder>/bin` is put on their `PATH`.
  package var readOnlyPaths: [String] = []
  /// The most network a policy may ask for.
  package var networkMax: Policy.Network = .none
  /// Where bubblewrap is looked for.
  package var bubblewrapPaths = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"]
  /// Whether overlays are tried; without them commands run in copies that are kept.
  package var usesOverlay = true

  /// What holds where an administrator has said nothing.
  package init() {}

  /// Takes over what the repository's configuration says.
  package init(_ settings: ServerSettings) {
    user = settings.sandboxUser
    readOnlyPaths = settings.sandboxReadOnly
    networkMax = settings.allowedNetwork
  }
}
