/// A state machine that decides, poll by poll, when edited files should be read again.
///
/// It requests a read when the files haven't changed since the poll before: an editor may write in several steps, or
/// remove the file for a moment.
public struct FileChangeDetector<Fingerprint: Hashable & Sendable>: Sendable {
    private var read: [Fingerprint?]
    private var seen: [Fingerprint?]

    /// The action after a poll.
    public enum PollAction: Hashable, Sendable {
        /// Wait for the next poll.
        case wait
        /// Read the files; the detector assumes that this happens.
        case read
    }

    /// Creates a detector.
    ///
    /// - Parameter read: The files at the time they were read, always in the same order; `nil` for a file that is
    ///   missing or can't be read twice.
    public init(read: [Fingerprint?]) {
        self.read = read
        self.seen = read
    }

    /// Compares the files with the polls before.
    ///
    /// - Parameter fingerprints: The files now; `nil` for a missing one.
    /// - Returns: The action that the caller must take.
    public mutating func poll(_ fingerprints: [Fingerprint?]) -> PollAction {
        defer { self.seen = fingerprints }
        guard fingerprints == self.seen, fingerprints != self.read else { return .wait }
        let isMissing = zip(fingerprints, self.read).contains { $0 == nil && $1 != nil }
        guard !isMissing else { return .wait }
        self.read = fingerprints
        return .read
    }
}
