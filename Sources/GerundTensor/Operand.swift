import CGerundKernels

/// The number format in which a product takes its activations.
public enum NumberFormat: Sendable {
    case f32, bf16
    /// Bytes with a scale and a zero for each row.
    case int8

    /// What one number occupies.
    var byteCount: Int {
        switch self {
        case .f32: 4
        case .bf16: 2
        case .int8: 1
        }
    }
}

/// Activations on their way into a product, `[rows, columns]`: written as floats, then brought into the product's
/// number format once, for all the products that take them.
///
///     norm.apply(to: x.view, into: operand, rows: 0..<8)      // or: write operand.staged(0..<8), operand.commit(0..<8)
///     query.apply(to: operand, rows: 0..<8, into: queries.mutableView)
///
/// Memory that is allocated once. Bound to one thread at a time, hence not `Sendable`.
@safe
public final class Operand {
    public let format: NumberFormat
    public let rows: Int
    public let columns: Int
    /// From one row to the next, in bytes. Where rows are padded: whole cache lines, and not a multiple of a page, so that
    /// the rows of a tile don't fight for the same lines of the first-level cache.
    let byteStride: Int
    let base: UnsafeMutableRawPointer
    private let storage: AlignedStorage
    /// Of each row of bytes.
    let scales: UnsafeMutablePointer<Float>
    let zeros: UnsafeMutablePointer<Int32>
    /// The rows as floats; not for float32, whose rows are written in place.
    private let staging: ScratchMatrix?
    private let kernels: Kernels

    public init(rows: Int, columns: Int, format: NumberFormat, padsRows: Bool, kernels: Kernels) {
        precondition(rows >= 0 && columns >= 0, "no operand: [\(rows), \(columns)]")
        let line = 64
        self.format = format
        self.rows = rows
        self.columns = columns
        let padded = (columns * format.byteCount + line - 1) / line * line
        self.byteStride =
            padsRows ? (padded % 1024 == 0 ? padded + line : padded) : columns * format.byteCount
        self.kernels = kernels
        let size = max(1, rows * self.byteStride)
        let float = MemoryLayout<Float>.stride
        self.storage = AlignedStorage(count: (size + float - 1) / float, zeroed: true, isReadInOrder: true)
        unsafe self.base = UnsafeMutableRawPointer(self.storage.base)
        unsafe self.scales = .allocate(capacity: max(1, rows))
        unsafe self.scales.initialize(repeating: 1, count: max(1, rows))
        unsafe self.zeros = .allocate(capacity: max(1, rows))
        unsafe self.zeros.initialize(repeating: 0, count: max(1, rows))
        self.staging = format == .f32 ? nil : ScratchMatrix(rows: rows, columns: columns)
    }

    deinit {
        unsafe self.scales.deallocate()
        unsafe self.zeros.deallocate()
    }

    /// Some rows as floats, to be written; they count once they are committed.
    @_lifetime(borrow self)
    public func staged(_ rows: Range<Int>) -> MutableMatrixView {
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

    /// Some rows as floats, as they were written.
    @_lifetime(borrow self)
    public func floats(_ rows: Range<Int>) -> MatrixView {
        let view = self.staged(rows)
        let floats = unsafe MatrixView(base: view.base, rows: view.rows, columns: view.columns, stride: view.stride)
        return unsafe _overrideLifetime(floats, borrowing: self)
    }

    /// Brings rows that were written into the number format.
    public func commit(_ rows: Range<Int>) {
        self.check(rows)
        guard self.format != .f32, !rows.isEmpty else { return }
        self.kernels.parallel(rows: rows.count, columns: self.columns) { part in
            self.convert(rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound)
        }
    }

    /// As ``commit(_:)``, on the calling thread.
    func convert(_ rows: Range<Int>) {
        guard let staging else { return }
        let (floats, first) = (staging.view.rows(rows), rows.lowerBound)
        let out = unsafe self.base + first * self.byteStride
        switch self.format {
        case .f32: break
        case .bf16:
            unsafe self.kernels.convertToBFloat16(
                floats, into: out.assumingMemoryBound(to: UInt16.self), byteStride: self.byteStride)
        case .int8:
            unsafe self.kernels.convertToBytes(
                floats, into: out.assumingMemoryBound(to: UInt8.self), byteStride: self.byteStride,
                scales: self.scales + first, zeros: self.zeros + first)
        }
    }

    private func check(_ rows: Range<Int>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows \(rows) of \(self.rows)")
    }
}
