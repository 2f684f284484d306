public import FoundationEssentials
public import GerundCore
public import GerundEvents

/// What the full-screen view shows: the records so far, and what the user has made of them by keys.
///
/// A value that knows no terminal: ``frame(_:_:at:)`` makes the lines for any size.
public struct ScreenModel: Sendable {
    /// What a key asks of the program.
    public enum KeyAction: Sendable, Hashable {
        case redraw, quit
    }

    /// Follows the records always, whatever is shown.
    private var live: ScreenData
    /// What was known when the display was paused.
    private var frozen: (data: ScreenData, at: ContinuousClock.Instant)?
    private(set) var filter = ""
    /// Whether keys go to the filter's text.
    private(set) var isEditingFilter = false
    private(set) var isHelpShown = false
    /// How many sources are scrolled away at the top. May be more than there are: the layout limits it.
    private(set) var scroll = 0

    /// - Parameter sources: Those that are known already, in the order in which they are to be shown.
    public init(sources: [SourceID] = []) {
        self.live = ScreenData(sources: sources)
    }

    public mutating func recordArrived(_ record: Record, at now: ContinuousClock.Instant) {
        self.live.recordArrived(record, at: now)
    }

    /// Something that no record tells, such as a log that can't be written.
    public mutating func noticeArrived(_ text: String, time: Date) {
        self.live.noticeArrived(text, time: time)
    }

    public mutating func keyPressed(_ key: ScreenKey, at now: ContinuousClock.Instant) -> KeyAction {
        if self.isEditingFilter {
            self.filterKeyPressed(key)
            return .redraw
        }
        switch key {
        case .character("q"), .character("Q"):
            // As in less and htop: what lies over the view goes first.
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

    private mutating func filterKeyPressed(_ key: ScreenKey) {
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

    // MARK: What is shown

    var shown: ScreenData { self.frozen?.data ?? self.live }
    var isPaused: Bool { self.frozen != nil }

    /// What is paused shows the rates and the history of that moment.
    func moment(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant { self.frozen?.at ?? now }

    /// Those whose name or present label has the filter's text in it.
    var visibleSources: [ScreenSource] {
        self.shown.sources.filter { self.passes($0.id.name) || self.passes($0.label?.label ?? "") }
    }

    /// Those whose source, label or text has the filter's text in it.
    var visibleEntries: [ScreenData.Entry] {
        self.shown.entries.filter { entry in
            switch entry.content {
            case .event(_, let label, _, _, _, _): self.passes(label) || self.passes(entry.source?.name ?? "")
            case .notice(let text, _): self.passes(text) || self.passes(entry.source?.name ?? "")
            }
        }
    }

    private func passes(_ text: String) -> Bool {
        self.filter.isEmpty || text.lowercased().contains(self.filter.lowercased())
    }
}
