import GerundEngine
import GerundTensor
import Testing
import XCLIP

@Suite("LabelEmbeddings")
struct LabelEmbeddingsTests {
    private let model: RecognitionModel

    init() throws { self.model = try DemoModel.model.get() }

    private func labels(_ labels: [String], _ background: [String]) throws -> LabelSet {
        try LabelSet(labels: labels, background: background, for: self.model)
    }

    /// Returns features with one row per text, which is its number twice.
    private func features(_ numbers: [Float]) -> TextFeatures {
        TextFeatures(matrix: Matrix(rows: numbers.count, columns: 2, elements: numbers.flatMap { [$0, $0] }))
    }

    @Test("Reuses known texts and orders them like the new labels")
    func changed() throws {
        let known = LabelEmbeddings(
            labels: try self.labels(["a", "b", "c"], ["x"]), text: self.features([1, 2, 3, 9]))
        let wanted = try self.labels(["d", "c", "x", "a"], ["y", "b"])
        #expect(known.missingTexts(in: wanted) == ["d", "y"])
        let changed = known.updated(for: wanted, adding: self.features([4, 8]))
        #expect(changed.labels == wanted)
        #expect(changed.text.matrix.elements == [4, 3, 9, 1, 8, 2].flatMap { [$0, $0] })
    }

    @Test("Needs no encoding if labels are only removed")
    func fewer() throws {
        let known = LabelEmbeddings(
            labels: try self.labels(["a", "b", "c"], ["x"]), text: self.features([1, 2, 3, 9]))
        let wanted = try self.labels(["c"], ["x"])
        #expect(known.missingTexts(in: wanted) == [])
        #expect(known.updated(for: wanted, adding: nil).text.matrix.elements == [3, 3, 9, 9])
    }
}
