// swift-tools-version: 6.2
import PackageDescription

// The list of targets is the picture of the house, top down: each room imports only what stands above it.
// `--explicit-target-dependency-import-check error` (install.sh and .ci/run pass it) makes any other arrow fail the build.

let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Failpoints kill the process at named steps; they exist in test builds only.
  .define("FAILPOINTS", .when(configuration: .debug)),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house + settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency], linkerSettings: [LinkerSetting] = []) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: house, linkerSettings: linkerSettings)
}

/// A hook: started three times a push, so that what the dynamic linker costs is saved where it ships.
func hook(_ name: String) -> Target {
  program(
    name, ["Hooks"], linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))])
}

func story(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "pre-receive", targets: ["pre-receive"]),
    .executable(name: "proc-receive", targets: ["proc-receive"]),
    .executable(name: "post-receive", targets: ["post-receive"]),
    .executable(name: "sluice", targets: ["sluice"]),
  ],
  dependencies: [
    // SQLite with migrations, typed rows and busy handling that we would otherwise write again.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // Subcommands, help texts and usage errors in the form that users of other tools know.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // What the operating system and its libraries give.
    .target(name: "CProcesses"),
    .systemLibrary(name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // The system's libraries rather than packages: they cost no build time, and libcurl asks before it connects to an address.
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // Values and pure decisions.
    // Optimized in test builds too: tests drive its queue through tens of thousands of histories.
    room("Domain", settings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    // The same decisions in virtual time, beside other policies.
    room("Simulation", ["Domain"]),

    // One outside thing each; they never see one another.
    room("Processes", ["CProcesses"]),
    room("PolicyFile", ["Domain", "CLibYAML"]),
    room("GitProgram", ["Domain", "Processes", "CZlib"]),
    room("Git", ["Domain", "CLibGit2"]),
    room("Store", ["Domain", .product(name: "GRDB", package: "GRDB.swift")]),
    room("Checks", ["Domain", "Processes"]),
    room("Web", ["CCurl"]),
    // Speaks to receivers: by the web, by programs.
    room("Notices", ["Domain", "Processes", "Web", "CCrypto"]),

    // The only loop.
    room("Engine", ["Domain", "Processes", "PolicyFile", "GitProgram", "Git", "Store", "Checks", "Notices"]),

    // Who asks.
    room("Hooks", ["Domain", "Processes", "PolicyFile", "GitProgram"]),
    room(
      "Commands",
      [
        "Domain", "Simulation", "Processes", "PolicyFile", "GitProgram", "Git", "Store", "Checks", "Notices", "Engine",
        "Hooks",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    hook("pre-receive"),
    hook("proc-receive"),
    hook("post-receive"),
    program("sluice", ["Commands"]),

    // Times parts of the engine for the scripts in Benchmarks.
    .executableTarget(
      name: "measure", dependencies: ["Domain", "Git", "GitProgram", "Checks", "Engine"], path: "Benchmarks/Measure",
      swiftSettings: house),

    story("DomainTests", ["Domain", "Simulation"]),
    story("SimulationTests", ["Domain", "Simulation"]),
    story("ChecksTests", ["Checks", "Domain", "Processes"]),
    story("GitTests", ["Git", "Domain", "Simulation"]),
    story("StoreTests", ["Domain", "Store", .product(name: "GRDB", package: "GRDB.swift")]),
    story("PolicyFileTests", ["PolicyFile", "Domain"]),
    story("NoticesTests", ["Notices", "Web", "Domain"]),
    story("CommandsTests", []),
    story("ScenarioTests", ["Domain", "Processes"]),
    story(
      "HooksTests",
      ["Domain", "Processes", "GitProgram", "Hooks", "pre-receive", "proc-receive", "post-receive"]),
  ]
)
