import ArgumentParser
import GerundCore
import GerundEngine
import Glibc

/// The command line: arguments, exit codes, wiring.
@main
struct Gerund: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gerund",
        abstract: "tail -f for what people do on camera.",
        discussion: """
            Watches a camera, a stream or a file and says what people do in it, for as long as it lasts. Any text can \
            be a label.

            EXAMPLES
              gerund watch clip.mp4
              gerund watch /dev/video0 --label "waving a hand" --label "falling down"
              gerund watch rtsp://user:password@camera/1 --log events.jsonl
              gerund classify clips/*.mp4
              gerund probe rtsp://camera/1
              gerund compare clip.mp4
              gerund calibrate normal-day.mp4 --out levels.yaml

            Data goes to standard output: text on a terminal, JSON Lines otherwise. Everything else goes to standard \
            error.
            """,
        version: Recognizer.version,
        subcommands: [Watch.self, Classify.self, Probe.self, Devices.self, Compare.self, Calibrate.self, Bench.self])

    static func main() async {
        StandardDescriptors.fillGaps()
        // A reader that goes away is told by the write, not by a signal.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that reaches its limit.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            self.leave(with: error)
        }
        ExitStatus.success.leave()
    }

    private static func leave(with error: any Error) -> Never {
        if let failure = error as? CommandFailure {
            if let message = failure.message { StandardError.write("gerund: \(message)") }
            failure.status.leave()
        }
        guard self.exitCode(for: error) == .success else {
            let names = self.configuration.subcommands.map { "\($0)".lowercased() }
            let command = CommandLine.arguments.dropFirst().first(where: names.contains)
            let help = command.map { "gerund \($0) --help" } ?? "gerund --help"
            let message = self.unknownCommand(names) ?? self.message(for: error)
            let stop = message.last.map { ".?!".contains($0) } == true ? "" : "."
            StandardError.write("gerund: \(message)\(stop) See `\(help)`.")
            ExitStatus.usage.leave()
        }
        // Help and version are what was asked for.
        print(self.fullMessage(for: error))
        ExitStatus.success.leave()
    }

    /// What stands in the place of a command and is none.
    private static func unknownCommand(_ names: [String]) -> String? {
        guard let name = CommandLine.arguments.dropFirst().first, !name.hasPrefix("-"), name != "help",
            !names.contains(name)
        else { return nil }
        return "There is no command '\(name)'." + (name.nearest(in: names).map { " Did you mean '\($0)'?" } ?? "")
    }
}
