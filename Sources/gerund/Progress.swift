import GerundCore
import Glibc
import Synchronization

/// The processed media time of a source, on one line of a terminal at standard error; nothing elsewhere.
final class Progress: Sendable {
    private let name: String
    private let shown = Mutex(Int?.none)

    init(name: String) {
        self.name = name
    }

    /// Shows a media time, once per second of it.
    func update(_ time: MediaTime) {
        let second = Int(time.seconds)
        guard isatty(STDERR_FILENO) != 0 else { return }
        let isNew = self.shown.withLock { shown in
            defer { shown = second }
            return shown != second
        }
        guard isNew else { return }
        self.write("\r\(self.name): \(second) s\u{1B}[K")
    }

    /// Removes the line.
    func finish() {
        guard self.shown.withLock({ $0 != nil }) else { return }
        self.write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
