/// Rows of floats that belong to somebody else, to be read: a whole matrix or a part of one.
///
/// The compiler keeps a view from outliving its owner, and the owner from being changed while the view is in use.
/// Row-major; `stride` elements lie between the starts of two rows.
@safe
public struct MatrixView: ~Escapable {
    let base: UnsafePointer<Float>
    public let rows: Int
    public let columns: Int
    public let stride: Int

    @unsafe
    @_lifetime(immortal)
    init(base: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int) {
        unsafe self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// Some consecutive rows.
    @_lifetime(copy self)
    public func rows(_ range: Range<Int>) -> MatrixView {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.rows, "rows \(range) of \(self.rows)")
        let part = unsafe MatrixView(
            base: self.base + range.lowerBound * self.stride, rows: range.count, columns: self.columns,
            stride: self.stride)
        return unsafe _overrideLifetime(part, copying: self)
    }

    /// Some consecutive columns of every row.
    @_lifetime(copy self)
    public func columns(_ range: Range<Int>) -> MatrixView {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.columns, "columns \(range) of \(self.columns)")
        let part = unsafe MatrixView(
            base: self.base + range.lowerBound, rows: self.rows, columns: range.count, stride: self.stride)
        return unsafe _overrideLifetime(part, copying: self)
    }

    /// The rows `first`, `first + step`, `first + 2 * step`, ... to the end: for example every frame's class token.
    @_lifetime(copy self)
    public func rows(from first: Int, by step: Int) -> MatrixView {
        precondition(first >= 0 && first < self.rows && step > 0, "row \(first) by \(step) of \(self.rows)")
        let part = unsafe MatrixView(
            base: self.base + first * self.stride, rows: (self.rows - first + step - 1) / step,
            columns: self.columns, stride: self.stride * step)
        return unsafe _overrideLifetime(part, copying: self)
    }

    /// One element.
    public subscript(row: Int, column: Int) -> Float {
        precondition((0..<self.rows).contains(row) && (0..<self.columns).contains(column), "[\(row), \(column)]")
        return unsafe self.base[row * self.stride + column]
    }

    /// All elements, row after row: a copy, for tests and small results.
    public var elements: [Float] {
        unsafe [Float](unsafeUninitializedCapacity: self.rows * self.columns) { buffer, count in
            for row in 0..<self.rows where self.columns > 0 {
                unsafe (buffer.baseAddress! + row * self.columns).initialize(
                    from: self.base + row * self.stride, count: self.columns)
            }
            count = self.rows * self.columns
        }
    }
}

/// Rows of floats that belong to somebody else, to be written: a whole ``MatrixBuffer`` or a part of one.
@safe
public struct MutableMatrixView: ~Copyable, ~Escapable {
    let base: UnsafeMutablePointer<Float>
    public let rows: Int
    public let columns: Int
    public let stride: Int

    @unsafe
    @_lifetime(immortal)
    init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
        unsafe self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// Some consecutive rows.
    @_lifetime(copy self)
    public consuming func rows(_ range: Range<Int>) -> MutableMatrixView {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.rows, "rows \(range) of \(self.rows)")
        let part = unsafe MutableMatrixView(
            base: self.base + range.lowerBound * self.stride, rows: range.count, columns: self.columns,
            stride: self.stride)
        return unsafe _overrideLifetime(part, copying: self)
    }

    /// Some consecutive columns of every row.
    @_lifetime(copy self)
    public consuming func columns(_ range: Range<Int>) -> MutableMatrixView {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.columns, "columns \(range) of \(self.columns)")
        let part = unsafe MutableMatrixView(
            base: self.base + range.lowerBound, rows: self.rows, columns: range.count, stride: self.stride)
        return unsafe _overrideLifetime(part, copying: self)
    }

    /// The rows `first`, `first + step`, `first + 2 * step`, ... to the end.
    @_lifetime(copy self)
    public consuming func rows(from first: Int, by step: Int) -> MutableMatrixView {
        precondition(first >= 0 && first < self.rows && step > 0, "row \(first) by \(step) of \(self.rows)")
        let part = unsafe MutableMatrixView(
            base: self.base + first * self.stride, rows: (self.rows - first + step - 1) / step,
            columns: self.columns, stride: self.stride * step)
        return unsafe _overrideLifetime(part, copying: self)
    }

    /// The same rows for one call, so that this view can be used again after it.
    @_lifetime(&self)
    public mutating func reborrow() -> MutableMatrixView {
        let view = unsafe MutableMatrixView(
            base: self.base, rows: self.rows, columns: self.columns, stride: self.stride)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// Makes every element 0.
    public consuming func clear() {
        for row in 0..<self.rows {
            unsafe (self.base + row * self.stride).update(repeating: 0, count: self.columns)
        }
    }

    /// Copies rows of the same size from elsewhere.
    public consuming func copy(from source: MatrixView) {
        precondition(
            source.rows == self.rows && source.columns == self.columns,
            "[\(source.rows), \(source.columns)] into [\(self.rows), \(self.columns)]")
        for row in 0..<self.rows {
            unsafe (self.base + row * self.stride).update(from: source.base + row * source.stride, count: self.columns)
        }
    }
}
