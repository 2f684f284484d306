import Foundation
import GerundCore
import GerundMedia
import GerundSettings
import GerundTesting
import Testing

@testable import gerund

@Suite("SettingsLoader")
struct SettingsLoaderTests {
    private let directory: TemporaryDirectory

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    @Test("Prefers the command line to files, and later files to earlier ones")
    func precedence() throws {
        let first = try self.directory.write("sources: [a.mp4]\nrate: 1\nwindow: 2\nsmoothing: 3\n", to: "first.yaml")
        let second = try self.directory.write("rate: 2\nwindow: 4\n", to: "second.yaml")
        var line = Settings()
        line.rate = 8
        let settings = try SettingsLoader(paths: [first, second], commandLine: line).load()
        #expect(settings.rate == 8 && settings.window == .seconds(4) && settings.smoothing == .seconds(3))
        #expect(settings.sources?.map(\.displayName) == [self.directory.path("a.mp4")])
        #expect(settings.locations["window"]?.description == "\(second):2")
    }

    @Test("Rejects settings without a source, naming the last file")
    func noSource() throws {
        let path = try self.directory.write("rate: 1\n", to: "gerund.yaml")
        let loader = try SettingsLoader(paths: [path], commandLine: Settings())
        #expect(
            performing: { try loader.load() },
            throws: { ($0 as? SettingsError)?.summary.hasPrefix("\(path): no source") == true })
    }

    @Test("Reads the labels of a pipe once, and lists them from then on")
    func pipe() throws {
        let path = try self.directory.makePipe("labels")
        var line = Settings()
        line.labels = ["waving"]
        line.labelsFile = path
        line.sources = [try SourceAddress("a.mp4")]
        // Opening a pipe waits for the other end.
        Thread.detachNewThread {
            try? FileHandle(forWritingTo: URL(filePath: path)).write(contentsOf: Data("running\nwalking\n".utf8))
        }
        let loader = try SettingsLoader(paths: [], commandLine: line)
        let settings = try loader.load()
        #expect(settings.labels == ["waving", "running", "walking"] && settings.labelsFile == nil)
        #expect(loader.fingerprints(with: settings).isEmpty)
    }

    @Test("Fingerprints the configuration files, and the label file that they name")
    func fingerprints() throws {
        let labels = try self.directory.write("running\n", to: "labels.txt")
        let path = try self.directory.write("sources: [a.mp4]\nlabels_file: labels.txt\n", to: "gerund.yaml")
        let loader = try SettingsLoader(paths: [path], commandLine: Settings())
        let settings = try loader.load()
        #expect(settings.labelsFile == labels)
        #expect(loader.fingerprints() == [FileFingerprint(path: path)])
        #expect(loader.fingerprints(with: settings) == [FileFingerprint(path: path), FileFingerprint(path: labels)])
    }
}
