import GerundCore
import GerundTesting
import Testing

@testable import GerundTensor

@Suite("OpenBLAS")
struct OpenBLASTests {
    @Test("Names the core of its own configuration")
    func coreName() {
        // The configuration contains the detected core between the build options.
        #expect(OpenBLAS.configuration.split(separator: " ").contains(Substring(OpenBLAS.coreName)))
        #expect(OpenBLASMatmul().name == "OpenBLAS (\(OpenBLAS.coreName)) f32")
    }

    @Test("Computes a * b^T + beta * out on parts of matrices", arguments: [Float(0), 1, 0.5], [1, 3])
    func gemm(beta: Float, threads: Int) {
        let (m, n, k) = (7, 5, 11)
        var random = SplitMix64(seed: 2)
        let a = Matrix(rows: m, columns: k + 3, elements: random.floats(m * (k + 3)))
        let b = Matrix(rows: 2 * n, columns: k, elements: random.floats(2 * n * k))
        let before = random.floats(m * n)
        let out = ScratchMatrix(rows: m, columns: n + 2)
        out.mutableView.columns(1..<n + 1).copy(from: Matrix(rows: m, columns: n, elements: before).view)
        OpenBLAS.useThreads(threads)
        OpenBLAS.gemm(
            a.view.columns(2..<k + 2), transposed: b.view.rows(from: 0, by: 2), beta: beta,
            into: out.mutableView.columns(1..<n + 1))
        let expected = (0..<m * n).map { index in
            let (row, column) = index.quotientAndRemainder(dividingBy: n)
            return (0..<k).reduce(beta * before[index]) { $0 + a.view[row, 2 + $1] * b.view[2 * column, $1] }
        }
        let difference = TensorDifference(out.view.columns(1..<n + 1).elements, expected)
        #expect(difference.relative < 1e-6, "\(difference)")
        let outside = out.view.columns(0..<1).elements + out.view.columns(n + 1..<n + 2).elements
        #expect(outside.allSatisfy { $0 == 0 }, "write outside")
    }
}
