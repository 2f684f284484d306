import GerundEngine
import GerundTensor
import Testing

@Suite("A comparison of modes")
struct ModeComparisonTests {
    @Test("has exact windows of another precision once, asked for or not", arguments: [[1], [.max, 1]])
    func exactOfOther(refreshes: [Int]) async throws {
        let model = try DemoModel.model.get()
        let comparison = try await ModeComparison(
            model: model, other: RecognitionModel(path: String(DemoModel.path), precision: .f32),
            labels: LabelSet(labels: ["walking"], background: ["standing still"], for: model), plan: DemoModel.plan(),
            refreshes: refreshes)
        #expect(comparison.results.map(\.way.refresh).sorted() == [1, .max])
    }
}
