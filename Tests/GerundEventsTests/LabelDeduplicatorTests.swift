import FoundationEssentials
import GerundCore
import GerundEvents
import GerundRecords
import Testing

@Suite("LabelDeduplicator")
struct LabelDeduplicatorTests {
    private func label(_ label: String, _ source: String = "door") -> Record {
        .label(
            LabelRecord(
                source: SourceID(source), mediaTime: .zero, time: .distantPast, label: label == "none" ? nil : label,
                score: 1, top: [], mode: "exact",
                latency: .zero))
    }

    /// Returns the answer for each record, one after the other.
    private func answers(_ records: [Record]) -> [Bool] {
        var changes = LabelDeduplicator()
        return records.map { changes.shouldEmit($0) }
    }

    @Test("Drops labels that repeat the previous one of the same source")
    func perSource() {
        let records = [
            self.label("walking"), self.label("walking"), self.label("walking", "yard"), self.label("none"),
            self.label("walking", "yard"), self.label("walking"),
        ]
        #expect(self.answers(records) == [true, false, true, true, false, true])
    }

    @Test("Emits the label again after a change of the source's state, and every other record")
    func otherRecords() {
        let source = SourceID("door")
        let end = Record.summary(
            SummaryRecord(source: source, framesRead: 1, windows: 1, framesDropped: 0, time: .distantPast))
        let ended = Record.source(SourceRecord(source: source, state: .ended, time: .distantPast))
        let walking = self.label("walking")
        #expect(self.answers([walking, end, end, walking, ended, walking]) == [true, true, true, false, true, true])
    }
}
