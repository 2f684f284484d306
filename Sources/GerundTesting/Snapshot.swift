import FoundationEssentials
import Glibc

/// Text files beside the tests that hold what is expected to be printed.
///
///     #expect(Snapshot.difference(of: screen.text(), from: "screen-80x24") == nil)
///
/// To update the files after an intended change, run the tests with `GERUND_UPDATE_SNAPSHOTS=1` and review the
/// difference.
public enum Snapshot {
    /// Compares a text with the contents of `Snapshots/NAME.txt` beside a test's source file.
    ///
    /// - Parameters:
    ///   - text: The actual text. Spaces at the end of a line are followed by `⏎` in the file, because editors remove
    ///     them.
    ///   - name: The name of the file, without its extension.
    ///   - testFile: The path of the test's source file.
    /// - Returns: The first line that differs; `nil` if the texts are equal, or if the file was updated.
    public static func difference(of text: String, from name: String, testFile: String = #filePath) -> String? {
        let directory = testFile.prefix(upTo: testFile.lastIndex(of: "/") ?? testFile.startIndex) + "/Snapshots"
        let path = "\(directory)/\(name).txt"
        let actual =
            text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasSuffix(" ") ? $0 + "⏎" : String($0) }.joined(separator: "\n") + "\n"
        if unsafe getenv("GERUND_UPDATE_SNAPSHOTS") != nil {
            do {
                try FileManager.default.createDirectory(
                    atPath: String(directory), withIntermediateDirectories: true)
                try Data(actual.utf8).write(to: URL(filePath: path))
                return nil
            } catch {
                return "\(path) can't be written: \(error)"
            }
        }
        guard let data = FileManager.default.contents(atPath: path) else { return "\(path) is missing" }
        let expected = String(decoding: data, as: UTF8.self)
        guard actual != expected else { return nil }
        let lines = [actual, expected].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        let line = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
        func excerpt(_ lines: [Substring]) -> String { line < lines.count ? "'\(lines[line])'" : "the end" }
        return "\(path):\(line + 1): \(excerpt(lines[0])) instead of \(excerpt(lines[1]))"
    }
}
