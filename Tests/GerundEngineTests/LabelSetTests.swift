import GerundCheckpoint
import GerundEngine
import Testing

@Suite("LabelSet")
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

    @Test("Uses default background phrases if none are given, and lists the labels before them")
    func defaults() throws {
        let set = try LabelSet(labels: ["walking", "running"], background: [], for: self.model)
        #expect(set.labels == ["walking", "running"] && set.background == LabelSet.defaultBackground)
        #expect(set.texts == set.labels + set.background)
        #expect(self.message([]).contains("--label"))
    }

    @Test("Keeps the order and drops duplicates")
    func order() throws {
        let set = try LabelSet(
            labels: ["walking", "a cat", "walking"], background: ["an empty garden", "an empty garden"], for: self.model
        )
        #expect(set.labels == ["walking", "a cat"])
        #expect(set.background == ["an empty garden"])
    }

    @Test("Removes a label from the default background phrases")
    func wantedBackground() throws {
        let set = try LabelSet(labels: ["an empty scene"], background: [], for: self.model)
        #expect(set.background == ["nothing is happening", "a person standing still"])
    }

    @Test("Refuses a set without background phrases")
    func noBackground() {
        let everything = ["walking"] + LabelSet.defaultBackground
        #expect(self.message(everything) == "all default background phrases are used as labels: set --background")
    }

    @Test("Refuses empty labels, control characters and contradictions")
    func refusals() {
        #expect(
            self.message(["walking"], background: ["walking"])
                == "'walking' is both a label and a background phrase: remove one")
        #expect(self.message([" \u{a0}"]) == "empty label")
        #expect(self.message([""]) == "empty label")
        for text in ["a\nb", "a\u{7}b", "a\0b", "a\u{2028}b", "a\u{85}b"] {
            #expect(self.message([text]).hasSuffix("contains a line break or control character"))
        }
    }

    @Test("Refuses labels with more tokens than the model reads")
    func length() throws {
        for text in [String(repeating: "walking ", count: 625), String(repeating: "x", count: 1_000_000)] {
            let message = self.message([text])
            #expect(message.contains("is too long: it has "))
            #expect(message.count < 200)
        }
    }

    @Test("Refuses more than the maximum number of labels")
    func count() {
        let message = self.message((0..<10_000).map { "label \($0)" })
        #expect(message == "10000 labels and 3 background phrases: at most 4096 together")
    }

    @Test("Accepts the word none: windows without a label have no label, not a text for it")
    func none() throws {
        #expect(try LabelSet(labels: ["none"], background: [], for: self.model).labels == ["none"])
    }
}
