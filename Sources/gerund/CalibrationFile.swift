import FoundationEssentials
import GerundCore
import GerundEvents

/// The file of calibrated thresholds: a new one, or one of an earlier calibration.
struct CalibrationFile {
    private let path: String

    /// - Throws: ``CommandError`` if the file would overwrite something else, or its directory isn't writable.
    init(path: String) throws {
        self.path = path
        let directory = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: directory) else {
            throw CommandError(
                status: .usage, message: "\(path.sanitized): directory not writable: choose another file")
        }
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard Self.isCalibrationFile(path) else {
            throw CommandError(
                status: .usage,
                message: "\(path.sanitized): exists and was not written by gerund calibrate: choose another file")
        }
    }

    private static func isCalibrationFile(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            let size = attributes?[.size] as? UInt64, size < 1 << 24
        else { return false }
        return (try? String(contentsOfFile: path, encoding: .utf8))?.hasPrefix(Calibration.fileHeader) == true
    }

    /// Replaces the file at once, so that an error leaves the old one intact.
    ///
    /// - Throws: ``CommandError``.
    func write(_ text: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: self.path), options: .atomic)
        } catch {
            throw CommandError(
                status: .failure, message: "\(self.path.sanitized): cannot write the thresholds: \(error)")
        }
    }
}
