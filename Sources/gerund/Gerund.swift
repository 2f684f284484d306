import ArgumentParser
import GerundCore
import GerundEngine
import GerundSettings
import Glibc

/// The command line: arguments, exit statuses and wiring.
@main
struct Gerund: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gerund",
        abstract: "tail -f for what people do on camera.",
        discussion: """
            Recognizes what people do in the video of a camera, a stream or a file, for as long as it lasts. Any text \
            can be a label.

            EXAMPLES
              gerund watch clip.mp4
              gerund watch /dev/video0 --label "waving a hand" --label "falling down"
              gerund watch rtsp://user:password@camera/1 --log events.jsonl
              gerund classify clips/*.mp4
              gerund probe rtsp://camera/1
              gerund compare clip.mp4
              gerund calibrate normal-day.mp4 --output thresholds.yaml

            Data goes to standard output: text on a terminal, JSON Lines otherwise. Everything else goes to standard \
            error.
            """,
        version: Recognizer.version,
        subcommands: [
            Watch.self, Classify.self, Probe.self, Devices.self, Compare.self, Calibrate.self, Bench.self, Schema.self,
        ])

    static func main() async {
        StandardDescriptors.openMissing()
        // Reports a closed pipe as EPIPE instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        // Reports a file at its size limit as EFBIG instead of ending the process.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            self.exit(reporting: error)
        }
        ExitStatus.success.exit()
    }

    /// Ends the process with the message and exit status of an error.
    private static func exit(reporting error: any Error) -> Never {
        for line in self.messages(for: error) { StandardError.write("gerund: \(line)") }
        if let status = ExitStatus(error) { status.exit() }
        guard self.exitCode(for: error) == .success else { ExitStatus.usage.exit() }
        // Help and version, which the user asked for.
        print(self.fullMessage(for: error))
        ExitStatus.success.exit()
    }

    /// The lines that report an error on standard error.
    static func messages(
        for error: any Error, arguments: [String] = Array(CommandLine.arguments.dropFirst())
    ) -> [String] {
        switch error {
        case let error as CommandError: return [error.message].compactMap(\.self)
        case let error as SettingsError: return error.problems.map(\.description)
        case is CancellationError, is StandardOutput.Closed: return []
        case let error as any GerundError: return [error.summary]
        default: return self.exitCode(for: error) == .success ? [] : [self.usageMessage(for: error, arguments)]
        }
    }

    /// The message for arguments that can't be parsed, with a hint at the help.
    private static func usageMessage(for error: any Error, _ arguments: [String]) -> String {
        let names = self.configuration.subcommands.map { "\($0)".lowercased() }
        let help = arguments.first(where: names.contains).map { "gerund \($0) --help" } ?? "gerund --help"
        let message =
            self.unknownCommand(in: arguments, names: names) ?? self.formerOption(in: arguments)
            ?? self.message(for: error)
        let stop = message.last.map { ".?!".contains($0) } == true ? "" : "."
        return "\(message)\(stop) See `\(help)`."
    }

    /// The message for a first argument that isn't a command.
    private static func unknownCommand(in arguments: [String], names: [String]) -> String? {
        guard let name = arguments.first, !name.hasPrefix("-"), name != "help", !names.contains(name) else {
            return nil
        }
        return "Unknown command '\(name)'." + (name.closestMatch(in: names).map { " Did you mean '\($0)'?" } ?? "")
    }

    /// The message for the first option that was renamed.
    private static func formerOption(in arguments: [String]) -> String? {
        arguments.prefix { $0 != "--" }.lazy.filter { $0.hasPrefix("--") }.compactMap { argument in
            let name = argument.dropFirst(2).prefix { $0 != "=" }
            return SettingsTable.shared.formerOptionMessage(String(name))
        }.first
    }
}
