import GerundEngine
import GerundTensor
import Testing
import XCLIP

@Suite("The texts that windows are compared with")
struct VocabularyTests {
    private let model: RecognitionModel

    init() throws { self.model = try DemoModel.model.get() }

    private func labels(_ labels: [String], _ background: [String]) throws -> LabelSet {
        try LabelSet(labels: labels, background: background, for: self.model)
    }

    /// A made-up row for each text: twice the same number.
    private func features(_ numbers: [Float]) -> TextFeatures {
        TextFeatures(rows: Matrix(rows: numbers.count, columns: 2, elements: numbers.flatMap { [$0, $0] }))
    }

    @Test("are encoded once, and put into the order of other labels")
    func changed() throws {
        let known = Vocabulary(labels: try self.labels(["a", "b", "c"], ["x"]), text: self.features([1, 2, 3, 9]))
        let wanted = try self.labels(["d", "c", "x", "a"], ["y", "b"])
        #expect(known.unknownTexts(of: wanted) == ["d", "y"])
        let changed = known.changed(to: wanted, adding: self.features([4, 8]))
        #expect(changed.labels == wanted)
        #expect(changed.text.rows.elements == [4, 3, 9, 1, 8, 2].flatMap { [$0, $0] })
    }

    @Test("need no encoding when some are only left out")
    func fewer() throws {
        let known = Vocabulary(labels: try self.labels(["a", "b", "c"], ["x"]), text: self.features([1, 2, 3, 9]))
        let wanted = try self.labels(["c"], ["x"])
        #expect(known.unknownTexts(of: wanted) == [])
        #expect(known.changed(to: wanted, adding: nil).text.rows.elements == [3, 3, 9, 9])
    }
}
