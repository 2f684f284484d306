public import GerundCore
public import GerundMedia

/// How new settings differ from those of a run, where a run can follow.
public struct SettingsChange: Sendable, Hashable {
    /// Sources that are new.
    public var added: [SourceAddress] = []
    /// Sources that are to be opened anew, at another address or in another way.
    public var changed: [SourceAddress] = []
    /// Sources that are no longer wanted.
    public var removed: [SourceID] = []

    /// - Throws: ``ConfigurationError`` for what only a new run can do; then nothing is to be changed.
    public init(from old: WatchSettings, to new: WatchSettings) throws(ConfigurationError) {
        let problems = Self.fixed.compactMap { key, isEqual -> ConfigurationError.Problem? in
            guard !isEqual(old, new) else { return nil }
            // A line that was removed has only its file left.
            let (place, former) = (new.places[key], old.places[key])
            return ConfigurationError.Problem(
                path: place?.path ?? former?.path ?? "the settings", line: place?.line,
                message: "'\(key.rawValue)' can't change while running: start again, or change it back")
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }

        let before = Dictionary(old.sources.map { ($0.id, $0) }) { first, _ in first }
        let isOpenedAnew =
            old.pace != new.pace || old.stallTimeout != new.stallTimeout || old.keepTrying != new.keepTrying
        for source in new.sources {
            guard let former = before[source.id] else {
                self.added.append(source)
                continue
            }
            if former != source || isOpenedAnew { self.changed.append(source) }
        }
        let after = Set(new.sources.map(\.id))
        self.removed = old.sources.map(\.id).filter { !after.contains($0) }
    }

    /// What a run is built upon, or opened once.
    private static let fixed: [(WatchSettings.Key, @Sendable (WatchSettings, WatchSettings) -> Bool)] = [
        (.model, { $0.model == $1.model }), (.precision, { $0.precision == $1.precision }),
        (.threads, { $0.threads == $1.threads }), (.span, { $0.span == $1.span }), (.rate, { $0.rate == $1.rate }),
        (.mode, { $0.mode == $1.mode }), (.refresh, { $0.refresh == $1.refresh }), (.audit, { $0.audit == $1.audit }),
        (.overlap, { $0.overlap == $1.overlap }), (.duration, { $0.duration == $1.duration }),
        (.format, { $0.format == $1.format }),
        (.changes, { $0.changes == $1.changes }), (.log, { $0.log == $1.log }),
        (.logSize, { $0.logSize == $1.logSize }), (.logKeep, { $0.logKeep == $1.logKeep }),
    ]

    /// What is new, in a few words; empty when no source is another.
    public var summary: String {
        [("added", self.added.map(\.id)), ("changed", self.changed.map(\.id)), ("removed", self.removed)]
            .filter { !$0.1.isEmpty }
            .map { "\($0.0) \($0.1.map(\.name).joined(separator: ", "))" }
            .joined(separator: "; ")
    }
}
