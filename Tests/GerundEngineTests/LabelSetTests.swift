import GerundCheckpoint
import GerundEngine
import Testing

@Suite("A set of labels for the demo model")
struct LabelSetTests {
    private let model: RecognitionModel

    init() throws {
        self.model = try DemoModel.model.get()
    }

    private func message(_ labels: [String], background: [String] = []) -> String {
        let error = #expect(throws: ModelError.self) {
            _ = try LabelSet(labels: labels, background: background, for: self.model)
        }
        #expect(error?.code == .labels)
        let message = error?.message ?? "\n"
        let hasLineEnd = message.contains { $0.isNewline }
        #expect(!hasLineEnd)
        return message
    }

    @Test("is the model's own when none are named")
    func defaults() throws {
        let set = try LabelSet(labels: [], background: [], for: self.model)
        #expect(set.labels == self.model.defaults.labels && set.labels.count == 13)
        #expect(set.background == ["standing still", "an empty room"])
        #expect(set.texts == set.labels + set.background)
    }

    @Test("keeps the order and drops what repeats")
    func order() throws {
        let set = try LabelSet(
            labels: ["walking", "a cat", "walking"], background: ["nobody", "nobody"], for: self.model)
        #expect(set.labels == ["walking", "a cat"])
        #expect(set.background == ["nobody"])
    }

    @Test("recognizes a phrase of the model's background when that is wanted")
    func wantedBackground() throws {
        let one = try LabelSet(labels: ["standing still"], background: [], for: self.model)
        #expect(one.background == ["an empty room"])
        let both = try LabelSet(labels: ["standing still", "an empty room"], background: [], for: self.model)
        #expect(both.background == LabelSet.defaultBackground)
    }

    @Test("never goes without background")
    func noBackground() {
        let everything = ["standing still", "an empty room"] + LabelSet.defaultBackground
        #expect(self.message(everything) == "every usual background phrase is a label: name others with --background")
    }

    @Test("refuses what can be no label")
    func refusals() {
        #expect(
            self.message(["walking"], background: ["walking"])
                == "'walking' is both a label and a background phrase: drop one")
        #expect(self.message(["none"]).hasPrefix("'none' is what Gerund says"))
        #expect(self.message([" \u{a0}"]) == "a label is empty: give it a text")
        #expect(self.message([""]) == "a label is empty: give it a text")
        for text in ["a\nb", "a\u{7}b", "a\0b", "a\u{2028}b", "a\u{85}b"] {
            #expect(self.message([text]).hasSuffix("contains a line break or control character"))
        }
    }

    @Test("refuses labels that the model can't read to their end")
    func length() throws {
        for text in [String(repeating: "walking ", count: 625), String(repeating: "x", count: 1_000_000)] {
            let message = self.message([text])
            #expect(message.contains("is too long: the model reads"))
            #expect(message.count < 200)
        }
    }

    @Test("refuses more labels than make sense, at once")
    func count() {
        let message = self.message((0..<10_000).map { "label \($0)" })
        #expect(message == "10000 labels and 2 background phrases: at most 4096 together")
    }
}
