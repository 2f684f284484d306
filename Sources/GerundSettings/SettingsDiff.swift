public import GerundCore
public import GerundMedia

/// The difference between the settings of a run and new ones, as far as a run can apply it.
public struct SettingsDiff: Sendable, Hashable {
    /// Sources that are new.
    public let added: [SourceAddress]
    /// Sources to reopen, at another address or in another way.
    public let changed: [SourceAddress]
    /// Sources that are no longer listed.
    public let removed: [SourceID]

    /// Compares the settings of a run with new ones.
    ///
    /// - Parameters:
    ///   - old: The settings of the run.
    ///   - new: The new settings.
    /// - Throws: ``SettingsError`` `immutableSetting` if a setting differs that only a restart can change.
    public init(from old: Settings, to new: Settings) throws(SettingsError) {
        let settings = SettingsTable.shared.settings(in: .configuration).filter { !old.agrees(with: new, on: $0.key) }
        let problems = settings.filter { $0.mutability == .fixed }.map { setting in
            // A line that was removed has only its file left.
            let location =
                new.locations[setting.key] ?? old.locations[setting.key].map { SettingLocation(path: $0.path) }
            return SettingsError.Problem(
                location, "'\(setting.key)' can't be changed at run time: restart or revert")
        }
        guard problems.isEmpty else { throw SettingsError(.immutableSetting, problems) }

        let reopens = settings.contains { $0.mutability == .reopensSources }
        let (oldSources, newSources) = (old.sources ?? [], new.sources ?? [])
        let before = Dictionary(oldSources.map { ($0.id, $0) }) { first, _ in first }
        let after = Set(newSources.map(\.id))
        self.added = newSources.filter { before[$0.id] == nil }
        self.changed = newSources.filter { source in
            before[source.id].map { reopens || $0 != source } ?? false
        }
        self.removed = oldSources.map(\.id).filter { !after.contains($0) }
    }

    /// The changes of sources in a few words, such as `source 'two' added`; empty if there are none.
    public var summary: String {
        [("added", self.added.map(\.id)), ("changed", self.changed.map(\.id)), ("removed", self.removed)]
            .filter { !$0.1.isEmpty }
            .map { verb, sources in
                let names = sources.map { "'\($0.name)'" }.joined(separator: ", ")
                return "\(sources.count == 1 ? "source" : "sources") \(names) \(verb)"
            }
            .joined(separator: "; ")
    }
}
