import ArgumentParser
import Foundation
import GerundCore
import GerundMedia
import GerundSettings
import Testing

@testable import gerund

@Suite("Command line")
struct CommandLineTests {
    private static let commands: [any ParsableCommand.Type] = [Gerund.self] + Gerund.configuration.subcommands

    /// The command lines in the examples of a command's help, without pipes and redirections.
    private static func examples(_ command: any ParsableCommand.Type) -> [String] {
        let discussion = command.configuration.discussion
        let lines = discussion.split(separator: "\n").map { $0.trimmed }
        return lines.filter { $0.hasPrefix("gerund ") }.map(Self.withoutShell)
    }

    /// A command line up to its first pipe, redirection or comment.
    private static func withoutShell(_ line: String) -> String {
        let end = [" | ", " > ", "  #"].compactMap { line.firstRange(of: $0)?.lowerBound }.min()
        return String(line[..<(end ?? line.endIndex)])
    }

    /// The arguments of a command line, which may be quoted.
    private static func arguments(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in line + " " {
            switch character {
            case let mark where mark == quote: quote = nil
            case "\"" where quote == nil, "'" where quote == nil: quote = character
            case " " where quote == nil:
                if !word.isEmpty { words.append(word) }
                word = ""
            default: word.append(character)
            }
        }
        return Array(words.dropFirst())
    }

    @Test("Parses every example in the help of a command", arguments: commands.indices)
    func examples(index: Int) throws {
        let command = Self.commands[index]
        let examples = Self.examples(command)
        #expect(!examples.isEmpty, "\(command) has no examples")
        for example in examples {
            #expect(throws: Never.self, "\(example)") { try Gerund.parseAsRoot(Self.arguments(example)) }
        }
    }

    @Test("Parses every command line of the README")
    func readme() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md").path
        let blocks = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "```")
        let code = blocks.indices.filter { $0 % 2 == 1 }.flatMap { blocks[$0].split(separator: "\n") }
        let lines = code.map { $0.hasPrefix("$ ") ? String($0.dropFirst(2)) : String($0) }
        let commands = lines.filter { $0.hasPrefix("gerund ") }.map(Self.withoutShell)
        #expect(commands.count >= 8)
        for command in commands {
            #expect(throws: Never.self, "\(command)") { try Gerund.parseAsRoot(Self.arguments(command)) }
        }
    }

    @Test("The README's table of options names options of watch, with the defaults of the settings table")
    func readmeTable() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md").path
        let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `--") }
        var checked: Set<String> = []
        for row in rows {
            let cells = row.replacing("\\|", with: "/").split(separator: "|").map(\.trimmed)
            try #require(cells.count == 3, "\(row)")
            let names = cells[0].matches(of: /--([a-z-]+)/).map { String($0.1) }
            var defaults = cells[2].split { " ,`".contains($0) }.map(String.init)[...]
            for name in names {
                let setting = try #require(
                    SettingsTable.shared.all.first { $0.option == name && $0.commands.contains(.watch) }, "--\(name)")
                // Constant defaults, in the order of the options; the README describes the others in words.
                guard !["rate", "pace", "format", "log_max_size"].contains(setting.key), !setting.isFlag,
                    let text = setting.defaultText?.split(separator: " ").last.map(String.init),
                    setting.range != nil || setting.choices.contains(text)
                else { continue }
                let value = text.hasSuffix("s") ? String(text.dropLast()) : text
                let index = defaults.firstIndex { $0 == value || $0 == text }
                #expect(index != nil, "--\(name): \(value) isn't in '\(cells[2])'")
                defaults = defaults[(index.map { $0 + 1 } ?? defaults.startIndex)...]
                checked.insert(name)
            }
        }
        #expect(
            checked.isSuperset(of: [
                "window", "start-threshold", "end-threshold", "min-duration", "merge-gap", "smoothing", "cooldown",
                "mode",
                "audit", "log-max-files",
            ]), "\(checked)")
    }

    @Test("Starts every summary with a verb or noun and a capital letter", arguments: commands.indices)
    func summaries(index: Int) throws {
        let abstract = Self.commands[index].configuration.abstract
        #expect(abstract.hasSuffix("."))
        #expect(abstract.first?.isUppercase == true || abstract.hasPrefix("tail"))
    }

    // MARK: Settings

    private static func watch(_ arguments: [String]) throws -> Watch {
        try Watch.parse(["clip.mp4"] + arguments)
    }

    /// An allowed value of each option of `gerund watch`.
    private static func value(of setting: AnySetting) -> String? {
        ["5000", "1", "0.5", setting.choices.first ?? "x"].first { (try? setting.assignment($0)) != nil }
    }

    private static let watchKeys = SettingsTable.shared.all
        .filter { $0.commands.contains(.watch) && $0.option != nil }.map(\.key)

    @Test("Turns every option of watch into its setting", arguments: watchKeys)
    func everyOption(key: String) throws {
        let setting = try #require(SettingsTable.shared.all.first { $0.key == key })
        let option = "--\(try #require(setting.option))"
        let value = try #require(Self.value(of: setting))
        let settings = try Self.watch(setting.isFlag ? [option] : [option, value]).settings()
        #expect(settings.keys == [key, "sources"])
        #expect(settings.locations.isEmpty)
    }

    @Test("Gives each command the options of the settings that the table gives it", arguments: SettingsCommand.allCases)
    func optionsOfCommands(command: SettingsCommand) throws {
        let type = try #require(Self.commands.first { $0._commandName == command.rawValue })
        let help = Gerund.helpMessage(for: type, columns: 10_000)
        for setting in SettingsTable.shared.all {
            guard let option = setting.option else { continue }
            // The number of labels to score, not a file of labels.
            if command == .bench, option == "labels" { continue }
            let isListed = help.contains("  --\(option) <") || help.contains("  --\(option) ")
            #expect(isListed == setting.commands.contains(command), "\(command) --\(option)")
        }
    }

    @Test("Shows the help and default of the table for every option of watch")
    func helpOfOptions() throws {
        let help = Gerund.helpMessage(for: Watch.self, columns: 10_000)
        for setting in SettingsTable.shared.all where setting.commands.contains(.watch) && setting.option != nil {
            #expect(help.contains(setting.help), "\(setting.key)")
        }
        #expect(help.contains("(default: the model's, else 8s)"))
    }

    @Test("Reads lists, flags, durations, ratios and sizes")
    func values() throws {
        let settings = try Self.watch([
            "--label", "a", "--label", "b", "--overlap", "--only-changes", "--window", "1m30s", "--audit", "5%",
            "--log", "x", "--log-max-size", "10M", "--refresh", "all", "--format", "screen",
        ]).settings()
        #expect(settings.labels == ["a", "b"] && settings.overlap == true && settings.onlyChanges == true)
        #expect(settings.window == .seconds(90) && settings.audit == 0.05 && settings.logMaximumSize == 10 << 20)
        #expect(settings.refresh == .max && settings.format == .screen && settings.keepTrying == nil)
        #expect(settings.sources?.map(\.id.name) == ["clip.mp4"])
    }

    // MARK: Errors

    private func message(_ arguments: [String]) -> String {
        do {
            _ = try Gerund.parseAsRoot(arguments)
            return ""
        } catch {
            return Gerund.messages(for: error, arguments: arguments).joined(separator: "\n")
        }
    }

    @Test(
        "Names the new option for a former one, and keeps to one line",
        arguments: [
            (["watch", "a", "--span", "2"], "'--span' is now called '--window'. See `gerund watch --help`."),
            (["watch", "a", "--span=2"], "'--span' is now called '--window'. See `gerund watch --help`."),
            (
                ["watch", "a", "--enter", "0.5"],
                "'--enter' is now called '--start-threshold'. See `gerund watch --help`."
            ),
            (["watch", "a", "--exit", "0.5"], "'--exit' is now called '--end-threshold'. See `gerund watch --help`."),
            (
                ["watch", "a", "--updates", "9"],
                "'--updates' is now called '--update-interval'. See `gerund watch --help`."
            ),
            (["watch", "a", "--changes"], "'--changes' is now called '--only-changes'. See `gerund watch --help`."),
            (
                ["watch", "a", "--log-size", "9M"],
                "'--log-size' is now called '--log-max-size'. See `gerund watch --help`."
            ),
            (
                ["watch", "a", "--log-keep", "9"],
                "'--log-keep' is now called '--log-max-files'. See `gerund watch --help`."
            ),
            (["calibrate", "a", "--out", "x"], "'--out' is now called '--output'. See `gerund calibrate --help`."),
        ])
    func formerOptions(arguments: [String], message: String) {
        #expect(self.message(arguments) == message)
    }

    @Test(
        "Reports invalid arguments in one line with what is allowed",
        arguments: [
            (["wach", "a"], "Unknown command 'wach'. Did you mean 'watch'? See `gerund --help`."),
            (["dance"], "Unknown command 'dance'. See `gerund --help`."),
            (
                ["watch", "a", "--lable", "x"],
                "Unknown option '--lable'. Did you mean '--label'? See `gerund watch --help`."
            ),
            (["watch"], "No source: name at least one, or use --config. See `gerund watch --help`."),
            (
                ["watch", "a", "--window", "0.05"],
                "The value '0.05' is invalid for '--window <duration>': must be a duration from 0.1s to 1h, such as 90, "
                    + "90s, 15m or 1h30m. See `gerund watch --help`."
            ),
            (
                ["watch", "a", "--pace", "fast"],
                "The value 'fast' is invalid for '--pace <pace>': must be realtime or unpaced: 'fast' is now called "
                    + "'unpaced'. See `gerund watch --help`."
            ),
            (
                ["watch", "a", "--mode", "fas"],
                "The value 'fas' is invalid for '--mode <mode>': must be exact, fast or auto: did you mean 'fast'? See "
                    + "`gerund watch --help`."
            ),
            (
                ["classify", "a", "--format", "screen"],
                "The value 'screen' is invalid for '--format <format>': must be auto, text or jsonl. See "
                    + "`gerund classify --help`."
            ),
            (
                ["bench", "--mode", "auto"],
                "The value 'auto' is invalid for '--mode <mode>': must be exact or fast. See `gerund bench --help`."
            ),
            (
                ["watch", "a", "--update-interval", "2d"],
                "The value '2d' is invalid for '--update-interval <duration>': must be a duration from 0.1s to 24h, such "
                    + "as 90, 90s, 15m or 1h30m. See `gerund watch --help`."
            ),
        ])
    func invalidArguments(arguments: [String], message: String) {
        #expect(self.message(arguments) == message)
    }

    @Test("Ignores former names after --, where everything is a source")
    func terminator() throws {
        let watch = try #require(try Gerund.parseAsRoot(["watch", "--", "--span"]) as? Watch)
        #expect(watch.sources == ["--span"])
    }
}
