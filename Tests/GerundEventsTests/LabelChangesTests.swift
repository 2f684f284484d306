import FoundationEssentials
import GerundCore
import GerundEvents
import Testing

@Suite("Changes of labels")
struct LabelChangesTests {
    private func label(_ label: String, _ source: String = "door") -> Record {
        .label(
            LabelRecord(
                source: SourceID(source), t: .zero, time: .distantPast, label: label, score: 1, top: [], mode: "exact",
                latency: .zero))
    }

    /// What is said to each of them, one after the other.
    private func answers(_ records: [Record]) -> [Bool] {
        var changes = LabelChanges()
        return records.map { changes.isChange($0) }
    }

    @Test("are told apart from repetitions, for each source alone")
    func perSource() {
        let records = [
            self.label("walking"), self.label("walking"), self.label("walking", "yard"), self.label(LabelRecord.none),
            self.label("walking", "yard"), self.label("walking"),
        ]
        #expect(self.answers(records) == [true, false, true, true, false, true])
    }

    @Test("begin anew with a source's change of state, and let all other records pass")
    func otherRecords() {
        let source = SourceID("door")
        let end = Record.end(EndRecord(source: source, frames: 1, windows: 1, dropped: 0))
        let ended = Record.source(SourceRecord(source: source, state: .ended, time: .distantPast))
        let walking = self.label("walking")
        #expect(self.answers([walking, end, end, walking, ended, walking]) == [true, true, true, false, true, true])
    }
}
