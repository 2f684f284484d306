import Foundation
import GerundSettings
import Testing

@Suite("Reference of the settings")
struct SettingsReferenceTests {
    /// Set to any value, the test writes the article instead of comparing it.
    private static let isUpdating = ProcessInfo.processInfo.environment["GERUND_UPDATE_SNAPSHOTS"] != nil

    @Test("Is the article in the documentation of GerundSettings")
    func article() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/GerundSettings/GerundSettings.docc/Settings.md").path
        let reference = SettingsTable.shared.reference
        if Self.isUpdating { try reference.write(toFile: path, atomically: true, encoding: .utf8) }
        let article = try String(contentsOfFile: path, encoding: .utf8)
        #expect(article == reference, "run the tests with GERUND_UPDATE_SNAPSHOTS=1 to update \(path)")
    }

    @Test("Has a section for every setting, with its option and key", arguments: SettingsTable.shared.all.map(\.key))
    func sections(key: String) throws {
        let setting = try #require(SettingsTable.shared.all.first { $0.key == key })
        let reference = SettingsTable.shared.reference
        #expect(reference.contains("### \(key)\n\n\(setting.summary)\n"))
        if let option = setting.option { #expect(reference.contains("- Option: `--\(option)")) }
    }
}
