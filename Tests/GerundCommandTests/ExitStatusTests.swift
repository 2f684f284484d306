import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia
import GerundSettings
import GerundStream
import Testing

@testable import gerund

/// The program's type; Swift Testing has one of the same name.
private typealias Status = gerund.ExitStatus

@Suite("ExitStatus")
struct ExitStatusTests {
    @Test("Is that of the kind of error, as documented")
    func statuses() throws {
        #expect(Status(ModelError(code: .weights, message: "x")) == .noModel)
        #expect(Status(CaptureError(code: .notFound, source: SourceID("a"), message: "x")) == .noSource)
        #expect(Status(SettingsError(.conflictingSettings, "x")) == .usage)
        #expect(Status(SettingsError(.invalidFile, "x")) == .usage)
        #expect(Status(SettingsError(.immutableSetting, "x")) == .usage)
        #expect(Status(SettingsError(.invalidModelSettings, "x")) == .noModel)
        #expect(Status(SettingsError(.invalidLabels, "x")) == .noModel)
        #expect(Status(CancellationError()) == .interrupted)
        let invalidPath = #expect(throws: LogError.self) { _ = try EventLog(path: "") }
        #expect(Status(try #require(invalidPath)) == .usage)
        let missingDirectory = #expect(throws: LogError.self) { _ = try EventLog(path: "/nowhere/log") }
        #expect(Status(try #require(missingDirectory)) == .failure)
        #expect(Status(StandardOutput.Closed()) == .success)
        #expect(Status(CommandError(status: .terminated)) == .terminated)
        struct Other: Error {}
        #expect(Status(Other()) == nil)
    }

    @Test("Has the documented numbers")
    func numbers() {
        let statuses: [Status] = [.success, .failure, .usage, .noSource, .noModel, .interrupted, .terminated]
        #expect(statuses.map(\.rawValue) == [0, 1, 2, 3, 4, 130, 143])
    }

    @Test("Comes with one line per problem, and with none for a signal or a closed pipe")
    func messages() throws {
        let model = ModelError(code: .weights, message: "no tensor 'x'")
        #expect(Gerund.messages(for: model) == ["no tensor 'x'"])
        #expect(Gerund.messages(for: CommandError(status: .failure, message: "full")) == ["full"])
        #expect(Gerund.messages(for: CommandError(status: .interrupted)) == [])
        #expect(Gerund.messages(for: CancellationError()) == [])
        #expect(Gerund.messages(for: StandardOutput.Closed()) == [])
        let error = #expect(throws: SettingsError.self) {
            try SettingsLoader(paths: ["/nowhere/a.yaml"], commandLine: Settings()).load()
        }
        #expect(Gerund.messages(for: try #require(error)) == ["/nowhere/a.yaml: no such file"])
    }
}
