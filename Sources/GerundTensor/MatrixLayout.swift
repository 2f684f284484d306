/// The shape and stride of a row-major matrix or submatrix, and the arithmetic of its submatrices.
struct MatrixLayout {
    var rows: Int
    var columns: Int
    /// The distance between the starts of two rows, in elements.
    var stride: Int

    /// Returns the layout of some consecutive rows, and the offset of their first element.
    func rows(_ range: Range<Int>) -> (offset: Int, layout: MatrixLayout) {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.rows, "rows \(range) of \(self.rows)")
        return (
            range.lowerBound * self.stride,
            MatrixLayout(rows: range.count, columns: self.columns, stride: self.stride)
        )
    }

    /// Returns the layout of some consecutive columns of every row, and the offset of their first element.
    func columns(_ range: Range<Int>) -> (offset: Int, layout: MatrixLayout) {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.columns, "columns \(range) of \(self.columns)")
        return (range.lowerBound, MatrixLayout(rows: self.rows, columns: range.count, stride: self.stride))
    }

    /// Returns the layout of every `step`-th row from `first` on, and the offset of their first element.
    func rows(from first: Int, by step: Int) -> (offset: Int, layout: MatrixLayout) {
        precondition(first >= 0 && first < self.rows && step > 0, "row \(first) by \(step) of \(self.rows)")
        return (
            first * self.stride,
            MatrixLayout(
                rows: (self.rows - first + step - 1) / step, columns: self.columns, stride: self.stride * step)
        )
    }
}
