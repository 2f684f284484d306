/// A borrowed, read-only view of a row-major float matrix or a submatrix of it.
///
/// The compiler ensures that a view doesn't outlive its owner, and that the owner isn't changed while the view is in
/// use.
@safe
public struct MatrixView: ~Escapable {
    let base: UnsafePointer<Float>
    private let layout: MatrixLayout

    /// The number of rows.
    public var rows: Int { self.layout.rows }
    /// The number of elements per row.
    public var columns: Int { self.layout.columns }
    /// The distance between the starts of two rows, in elements.
    public var stride: Int { self.layout.stride }

    @unsafe
    @_lifetime(immortal)
    init(base: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int) {
        unsafe self.base = base
        self.layout = MatrixLayout(rows: rows, columns: columns, stride: stride)
    }

    @_lifetime(copy whole)
    private init(_ whole: MatrixView, _ part: (offset: Int, layout: MatrixLayout)) {
        unsafe self.base = whole.base + part.offset
        self.layout = part.layout
    }

    /// Returns some consecutive rows.
    @_lifetime(copy self)
    public func rows(_ range: Range<Int>) -> MatrixView { MatrixView(self, self.layout.rows(range)) }

    /// Returns some consecutive columns of every row.
    @_lifetime(copy self)
    public func columns(_ range: Range<Int>) -> MatrixView { MatrixView(self, self.layout.columns(range)) }

    /// Returns every `step`-th row from `first` to the end, for example every frame's class token.
    @_lifetime(copy self)
    public func rows(from first: Int, by step: Int) -> MatrixView {
        MatrixView(self, self.layout.rows(from: first, by: step))
    }

    /// The element at a row and a column.
    public subscript(row: Int, column: Int) -> Float {
        precondition((0..<self.rows).contains(row) && (0..<self.columns).contains(column), "[\(row), \(column)]")
        return unsafe self.base[row * self.stride + column]
    }

    /// A copy of all elements, row-major, for tests and small results.
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

/// A borrowed, mutable view of a row-major float matrix or a submatrix of it.
@safe
public struct MutableMatrixView: ~Copyable, ~Escapable {
    let base: UnsafeMutablePointer<Float>
    private let layout: MatrixLayout

    /// The number of rows.
    public var rows: Int { self.layout.rows }
    /// The number of elements per row.
    public var columns: Int { self.layout.columns }
    /// The distance between the starts of two rows, in elements.
    public var stride: Int { self.layout.stride }

    @unsafe
    @_lifetime(immortal)
    init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
        unsafe self.base = base
        self.layout = MatrixLayout(rows: rows, columns: columns, stride: stride)
    }

    @_lifetime(copy whole)
    private init(_ whole: consuming MutableMatrixView, _ part: (offset: Int, layout: MatrixLayout)) {
        unsafe self.base = whole.base + part.offset
        self.layout = part.layout
    }

    /// Returns some consecutive rows.
    @_lifetime(copy self)
    public consuming func rows(_ range: Range<Int>) -> MutableMatrixView {
        let part = self.layout.rows(range)
        return MutableMatrixView(self, part)
    }

    /// Returns some consecutive columns of every row.
    @_lifetime(copy self)
    public consuming func columns(_ range: Range<Int>) -> MutableMatrixView {
        let part = self.layout.columns(range)
        return MutableMatrixView(self, part)
    }

    /// Returns every `step`-th row from `first` to the end.
    @_lifetime(copy self)
    public consuming func rows(from first: Int, by step: Int) -> MutableMatrixView {
        let part = self.layout.rows(from: first, by: step)
        return MutableMatrixView(self, part)
    }

    /// Returns a view of the same elements for the duration of one call, so that this view can be used again after it.
    @_lifetime(&self)
    public mutating func reborrow() -> MutableMatrixView {
        let view = unsafe MutableMatrixView(
            base: self.base, rows: self.rows, columns: self.columns, stride: self.stride)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// Sets every element to 0.
    public consuming func clear() {
        for row in 0..<self.rows {
            unsafe (self.base + row * self.stride).update(repeating: 0, count: self.columns)
        }
    }

    /// Copies the elements of a matrix of the same shape.
    public consuming func copy(from source: MatrixView) {
        precondition(
            source.rows == self.rows && source.columns == self.columns,
            "[\(source.rows), \(source.columns)] into [\(self.rows), \(self.columns)]")
        for row in 0..<self.rows {
            unsafe (self.base + row * self.stride).update(from: source.base + row * source.stride, count: self.columns)
        }
    }
}
