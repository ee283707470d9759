// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "FirstCall",
    dependencies: [.package(name: "CallKey", path: "../../../bindings/swift")],
    targets: [
        .executableTarget(name: "FirstCall", dependencies: [.product(name: "CallKey", package: "CallKey")])
    ],
    swiftLanguageModes: [.v6]
)
