import FoundationEssentials

/// Where the demo model is that comes with the program.
enum DemoModel {
    /// Looked for upwards from the program: `share/gerund/demo-model` where it is installed, `Samples/demo-model`
    /// where it was built.
    static var path: String? {
        guard var folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            for place in ["share/gerund/demo-model", "Samples/demo-model"] {
                let path = "\(folder)/\(place)"
                if FileManager.default.fileExists(atPath: "\(path)/config.json") { return path }
            }
        }
        return nil
    }
}
