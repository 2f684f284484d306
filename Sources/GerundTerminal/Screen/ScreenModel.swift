public import FoundationEssentials
public import GerundCore
public import GerundRecords

/// The state of the full-screen view: the records so far, and what the user has chosen by keys.
///
/// It is independent of a terminal: ``frame(_:_:at:clock:)`` returns the lines for any size.
public struct ScreenModel: Sendable {
    /// An action that the program must take after a key.
    public enum KeyAction: Sendable, Hashable {
        /// Redraw the view.
        case redraw
        /// End the program.
        case quit
    }

    /// The state that every record updates, even while the display is paused.
    private var live: ScreenData
    /// The state at the time when the display was paused.
    private var frozen: (data: ScreenData, at: ContinuousClock.Instant)?
    private(set) var filter = ""
    /// A Boolean value that indicates whether keys edit the filter.
    private(set) var isEditingFilter = false
    private(set) var isHelpShown = false
    /// The number of sources that are scrolled away at the top.
    ///
    /// It may exceed the number of sources: the layout limits it.
    private(set) var scroll = 0

    /// Creates a state without records.
    ///
    /// - Parameter sources: The known sources, in the order in which they are to be shown.
    public init(sources: [SourceID] = []) {
        self.live = ScreenData(sources: sources)
    }

    /// Processes a record.
    public mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) {
        self.live.recordArrived(record, at: now)
    }

    /// Adds a message that is not in a record, such as a log that can't be written.
    ///
    /// - Parameters:
    ///   - text: The message.
    ///   - time: The wall-clock time of the message.
    public mutating func messageArrived(_ text: String, time: Date) {
        self.live.messageArrived(text, time: time)
    }

    /// Processes a key.
    ///
    /// - Returns: The action that the program must take.
    public mutating func keyPressed(_ key: KeyPress, at now: ContinuousClock.Instant) -> KeyAction {
        if self.isEditingFilter {
            self.filterKeyPressed(key)
            return .redraw
        }
        switch key {
        case .character("q"), .character("Q"):
            // As in less and htop, the key first closes what covers the view.
            guard self.isHelpShown else { return .quit }
            self.isHelpShown = false
        case .character("?"): self.isHelpShown.toggle()
        case .character("/"):
            self.isHelpShown = false
            self.isEditingFilter = true
        case .character(" "): self.frozen = self.frozen == nil ? (self.live, now) : nil
        case .character("j"), .down: self.scroll = min(self.scroll + 1, max(0, self.shown.sources.count - 1))
        case .character("k"), .up: self.scroll = max(0, self.scroll - 1)
        case .escape:
            if self.isHelpShown { self.isHelpShown = false } else { self.filter = "" }
        case .enter: self.isHelpShown = false
        case .backspace, .character: break
        }
        return .redraw
    }

    private mutating func filterKeyPressed(_ key: KeyPress) {
        self.scroll = 0
        switch key {
        case .enter: self.isEditingFilter = false
        case .escape: (self.filter, self.isEditingFilter) = ("", false)
        case .backspace:
            if self.filter.isEmpty { self.isEditingFilter = false } else { self.filter.removeLast() }
        case .character(let character): if self.filter.count < 64 { self.filter.append(character) }
        case .up, .down: break
        }
    }

    // MARK: Display

    var shown: ScreenData { self.frozen?.data ?? self.live }
    var isPaused: Bool { self.frozen != nil }

    /// Returns the time that the view is drawn for: that of the pause while it is paused.
    func displayTime(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant { self.frozen?.at ?? now }

    /// The sources whose name or current label contains the filter.
    var visibleSources: [ScreenSource] {
        self.shown.sources.filter { self.passes($0.id.name) || self.passes($0.label.map { $0.label ?? "none" } ?? "") }
    }

    /// The entries whose source, label or text contains the filter.
    var visibleEntries: [ScreenData.Entry] {
        self.shown.entries.filter { entry in
            switch entry.content {
            case .event(_, let label, _, _, _, _): self.passes(label) || self.passes(entry.source?.name ?? "")
            case .message(let text, _): self.passes(text) || self.passes(entry.source?.name ?? "")
            }
        }
    }

    private func passes(_ text: String) -> Bool {
        self.filter.isEmpty || text.lowercased().contains(self.filter.lowercased())
    }
}
