import GerundTensor
import Testing

@Suite("Matrix")
struct MatrixTests {
    static let matrix = Matrix(rows: 4, columns: 3, elements: (0..<12).map(Float.init))

    @Test("A view can be a part of a part")
    func views() {
        let view = Self.matrix.view
        #expect(view.rows(1..<3).columns(1..<3).elements == [4, 5, 7, 8])
        #expect(view.columns(2..<3).rows(from: 1, by: 2).elements == [5, 11])
        #expect(view.rows(from: 0, by: 3).elements == [0, 1, 2, 9, 10, 11])
        #expect(view.rows(2..<2).elements.isEmpty)
        #expect(view[3, 2] == 11)
    }

    @Test("Writing to a part doesn't change the rest")
    func writing() {
        var buffer = MatrixBuffer(rows: 3, columns: 4)
        buffer.mutableView.rows(from: 0, by: 2).columns(1..<4).copy(from: Self.matrix.view.rows(2..<4))
        #expect(buffer.view.elements == [0, 6, 7, 8, 0, 0, 0, 0, 0, 9, 10, 11])
    }

    @Test("Transposing exchanges rows and columns")
    func transposed() {
        let transposed = Self.matrix.transposed()
        #expect(transposed.rows == 3 && transposed.columns == 4)
        #expect(transposed.elements == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
    }

    @Test("Appends the rows of another matrix, also to an empty one")
    func appendingRows() {
        let twice = Self.matrix.appendingRows(of: Self.matrix)
        #expect(twice.rows == 8 && twice.elements == Self.matrix.elements + Self.matrix.elements)
        let empty = Matrix(rows: 0, columns: 3, elements: [])
        #expect(empty.appendingRows(of: Self.matrix).elements == Self.matrix.elements)
    }
}

@Suite("ReusableMatrix")
struct ReusableMatrixTests {
    private static func fill(_ matrix: inout ReusableMatrix, rows: Int, with value: Float) -> Matrix {
        var buffer = matrix.buffer(rows: rows, columns: 2)
        var elements = buffer.span
        for index in elements.indices { elements[index] = value }
        return Matrix(buffer)
    }

    @Test("Reuses its memory once the last result is released")
    func reused() {
        var reusable = ReusableMatrix()
        _ = Self.fill(&reusable, rows: 3, with: 7)
        let smaller = reusable.buffer(rows: 2, columns: 2)
        #expect(smaller.view.elements == [7, 7, 7, 7])
    }

    @Test("Never reuses the memory of a retained result, even in a copy")
    func retained() {
        var reusable = ReusableMatrix()
        let first = Self.fill(&reusable, rows: 3, with: 1)
        var copy = reusable
        let second = Self.fill(&reusable, rows: 3, with: 2)
        let third = Self.fill(&copy, rows: 3, with: 3)
        let larger = Self.fill(&reusable, rows: 4, with: 4)
        #expect(first.elements == [1, 1, 1, 1, 1, 1] && second.elements == [2, 2, 2, 2, 2, 2])
        #expect(third.elements == [3, 3, 3, 3, 3, 3] && larger.elements == [4, 4, 4, 4, 4, 4, 4, 4])
    }
}
