import CGerundKernels

/// The activations that linear layers read, `[rows, columns]`: written as floats, then converted once to the element
/// type of the layers that read them.
///
///     norm.apply(to: x.view, into: input, rows: 0..<8)  // or write input.stagingRows(0..<8), then
///     input.convert(0..<8)
///     query.apply(to: input, rows: 0..<8, into: queries.mutableView)
///
/// The memory is allocated once. An input may be used by one thread at a time, so it isn't `Sendable`.
@safe
public final class LinearInput {
    /// The element type of the converted rows.
    public let elementType: ElementType
    /// The number of rows.
    public let rows: Int
    /// The number of elements per row.
    public let columns: Int
    /// The distance between the starts of two rows, in bytes.
    ///
    /// If rows are padded, it is a multiple of a cache line but not of 1 KiB, so that the rows of a tile don't compete
    /// for the same sets of the first-level cache.
    let byteStride: Int
    let base: UnsafeMutableRawPointer
    private let storage: AlignedStorage
    /// The scale of each row of ``ElementType/uint8``.
    let scales: UnsafeMutablePointer<Float>
    /// The zero point of each row of ``ElementType/uint8``.
    let zeroPoints: UnsafeMutablePointer<Int32>
    /// The rows as floats; `nil` for float32, whose rows are written in place.
    private let staging: ScratchMatrix?
    private let kernels: Kernels

    /// Creates an input; see ``Linear/makeInput(rows:)``.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of elements per row.
    ///   - elementType: The element type of the converted rows.
    ///   - padsRows: Whether rows are padded to whole cache lines; otherwise they are contiguous.
    ///   - kernels: The kernels that convert.
    public init(rows: Int, columns: Int, elementType: ElementType, padsRows: Bool, kernels: Kernels) {
        precondition(rows >= 0 && columns >= 0, "invalid shape [\(rows), \(columns)]")
        let line = 64
        self.elementType = elementType
        self.rows = rows
        self.columns = columns
        let padded = (columns * elementType.byteCount + line - 1) / line * line
        self.byteStride =
            padsRows ? (padded % 1024 == 0 ? padded + line : padded) : columns * elementType.byteCount
        self.kernels = kernels
        let size = max(1, rows * self.byteStride)
        let float = MemoryLayout<Float>.stride
        self.storage = AlignedStorage(count: (size + float - 1) / float, zeroed: true, usesHugePages: true)
        unsafe self.base = UnsafeMutableRawPointer(self.storage.base)
        unsafe self.scales = .allocate(capacity: max(1, rows))
        unsafe self.scales.initialize(repeating: 1, count: max(1, rows))
        unsafe self.zeroPoints = .allocate(capacity: max(1, rows))
        unsafe self.zeroPoints.initialize(repeating: 0, count: max(1, rows))
        self.staging = elementType == .float32 ? nil : ScratchMatrix(rows: rows, columns: columns)
    }

    deinit {
        unsafe self.scales.deallocate()
        unsafe self.zeroPoints.deallocate()
    }

    /// Returns a range of rows as floats, for writing.
    ///
    /// Layers read them after ``convert(_:)``.
    @_lifetime(borrow self)
    public func stagingRows(_ rows: Range<Int>) -> MutableMatrixView {
        self.check(rows)
        let view: MutableMatrixView
        if let staging {
            view = unsafe _overrideLifetime(staging.mutableView.rows(rows), borrowing: self)
        } else {
            view = unsafe MutableMatrixView(
                base: (self.base + rows.lowerBound * self.byteStride).assumingMemoryBound(to: Float.self),
                rows: rows.count, columns: self.columns, stride: self.byteStride / MemoryLayout<Float>.stride)
        }
        return unsafe _overrideLifetime(view, borrowing: self)
    }

    /// Returns a range of rows as floats, as they were written, for reading.
    @_lifetime(borrow self)
    public func floatRows(_ rows: Range<Int>) -> MatrixView {
        let view = self.stagingRows(rows)
        let floats = unsafe MatrixView(base: view.base, rows: view.rows, columns: view.columns, stride: view.stride)
        return unsafe _overrideLifetime(floats, borrowing: self)
    }

    /// Converts rows that were written to the element type, in parallel; does nothing for float32.
    public func convert(_ rows: Range<Int>) {
        self.check(rows)
        guard self.elementType != .float32, !rows.isEmpty else { return }
        self.kernels.forEachRowRange(rows: rows.count, columns: self.columns) { part in
            self.convertOnCurrentThread(rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound)
        }
    }

    /// Converts rows like ``convert(_:)``, but on the calling thread only.
    func convertOnCurrentThread(_ rows: Range<Int>) {
        guard let staging else { return }
        let (floats, first) = (staging.view.rows(rows), rows.lowerBound)
        let out = unsafe self.base + first * self.byteStride
        switch self.elementType {
        case .float32: break
        case .bfloat16:
            unsafe self.kernels.convertToBFloat16(
                floats, into: out.assumingMemoryBound(to: UInt16.self), byteStride: self.byteStride)
        case .uint8:
            unsafe self.kernels.quantizeUInt8(
                floats, into: out.assumingMemoryBound(to: UInt8.self), byteStride: self.byteStride,
                scales: self.scales + first, zeroPoints: self.zeroPoints + first)
        }
    }

    private func check(_ rows: Range<Int>) {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= self.rows,
            "expected rows in 0..<\(self.rows), found \(rows)")
    }
}
