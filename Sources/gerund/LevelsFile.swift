import FoundationEssentials
import GerundEvents

/// The file to which calibrated levels are written: a new one, or one of an earlier calibration.
struct LevelsFile {
    private let path: String

    /// - Throws: ``CommandFailure`` when something else would be lost, or the folder can't be written to.
    init(path: String) throws {
        self.path = path
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandFailure(status: .usage, message: "\(path): its folder can't be written to: name another file")
        }
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard Self.isLevelsFile(path) else {
            throw CommandFailure(
                status: .usage,
                message: "\(path): exists, and was not written by gerund calibrate: name another file")
        }
    }

    private static func isLevelsFile(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            let size = attributes?[.size] as? UInt64, size < 1 << 24
        else { return false }
        return (try? String(contentsOfFile: path, encoding: .utf8))?.hasPrefix(Calibration.mark) == true
    }

    /// The old file stays whole until the new one is.
    ///
    /// - Throws: ``CommandFailure``.
    func write(_ text: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: self.path), options: .atomic)
        } catch {
            throw CommandFailure(status: .failure, message: "\(self.path): the levels can't be written: \(error)")
        }
    }
}
