import ArgumentParser
import GerundTesting
import Testing

@testable import gerund

@Suite("Help")
struct HelpSnapshotTests {
    private static let commands: [any ParsableCommand.Type] = [Gerund.self] + Gerund.configuration.subcommands

    @Test("Is the text in Snapshots, 100 columns wide", arguments: commands.indices)
    func snapshot(index: Int) {
        let command = Self.commands[index]
        let help = Gerund.helpMessage(for: command, columns: 100)
        #expect(Snapshot.difference(of: help, from: command._commandName) == nil)
    }
}
