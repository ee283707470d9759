// swift-tools-version: 6.0
import PackageDescription

// The C library: on Apple platforms the framework that `make xcframework` builds, elsewhere the
// installed library, found through pkg-config's callkey.pc.
#if canImport(Darwin)
    let library: Target = .binaryTarget(name: "CCallKey", path: "CCallKey.xcframework")
#else
    let library: Target = .systemLibrary(name: "CCallKey", pkgConfig: "callkey")
#endif

let package = Package(
    name: "CallKey",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "CallKey", targets: ["CallKey"])],
    targets: [
        library,
        .target(name: "CallKey", dependencies: ["CCallKey"]),
        .testTarget(name: "CallKeyTests", dependencies: ["CallKey", "CCallKey"]),
    ],
    swiftLanguageModes: [.v6]
)
