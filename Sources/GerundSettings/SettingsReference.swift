import GerundCore

extension SettingsTable {
    /// The reference of all settings, in Markdown: an article of the documentation.
    public var reference: String {
        let introduction = """
            # Settings

            Every setting of Gerund, with its option, its key in files, its values and its default.

            ## Overview

            A setting has its value from the first of these that gives one:

            1. The command line.
            2. The configuration files of `gerund watch --config`, in YAML; the last file first.
            3. The model's `gerund.json`.
            4. The built-in defaults.

            An option and its key have the same name, with `_` for `-`: `--min-duration` is `min_duration:`. There are two \
            exceptions: `--label` is `labels:`, and `--labels` is `labels_file:`. Durations are in seconds, or have units: \
            `90`, `90s`, `15m`, `1h30m`. Paths in a file are relative to its directory.

            `gerund watch` rereads its files when they change, and on SIGHUP. The settings that then take effect are \
            marked below; a change of any other one is refused, and the run continues as before.

            """
        return introduction + "\n" + self.all.map(\.reference).joined(separator: "\n")
    }
}

extension AnySetting {
    /// The setting's section in the reference.
    fileprivate var reference: String {
        let commands = SettingsCommand.allCases.filter(self.commands.contains).map { "`\($0.rawValue)`" }
        let files = [
            self.files.contains(.configuration) ? "YAML" : nil, self.files.contains(.model) ? "`gerund.json`" : nil,
        ].compactMap(\.self)
        let change: String? =
            switch self.mutability {
            case .fixed: nil
            case .live: "yes"
            case .reopensSources: "yes; all sources are reopened"
            }
        let rows: [(String, String?)] = [
            ("Option", self.option.map { self.isFlag ? "`--\($0)`" : "`--\($0) <\(self.placeholder)>`" }),
            ("Key", files.isEmpty ? nil : "`\(self.key)` in \(files.joined(separator: " and "))"),
            ("Commands", commands.isEmpty ? nil : commands.joined(separator: ", ")),
            ("Value", self.expected),
            ("Default", self.defaultText),
            ("Changes at run time", change),
            ("Formerly", self.formerKeys.isEmpty ? nil : self.formerKeys.map { "`\($0)`" }.joined(separator: ", ")),
        ]
        let list = rows.compactMap { name, text in text.map { "- \(name): \($0)\n" } }.joined()
        return "### \(self.key)\n\n\(self.summary)\n\n\(list)"
    }
}
