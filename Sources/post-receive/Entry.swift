import Glibc
import Hooks

@main struct Entry { static func main() { exit(PostReceive.main()) } }
