import FoundationEssentials

/// The demo model that is installed with the program.
enum DemoModel {
    /// The path of the model directory; `nil` if it isn't installed.
    ///
    /// Searched upwards from the program: `share/gerund/demo-model` where it is installed, `Samples/demo-model` where
    /// it was built.
    static var path: String? {
        guard var directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        while let slash = directory.lastIndex(of: "/") {
            directory = String(directory[..<slash])
            for candidate in ["share/gerund/demo-model", "Samples/demo-model"] {
                let path = "\(directory)/\(candidate)"
                if FileManager.default.fileExists(atPath: "\(path)/config.json") { return path }
            }
        }
        return nil
    }
}
