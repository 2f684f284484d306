import CGerundKernels

/// The row kernels of one instruction-set level.
///
/// The only place that calls `CGerundKernels`. Sizes are checked here, once a call; the kernels allocate nothing and
/// keep no state, so any thread may call any of them. A level gives the same bits on every run; levels differ in
/// rounding only.
@safe
public struct Kernels: @unchecked Sendable {
    // Sendable: the table is a constant of the C side, whose functions keep no state.
    private let table: UnsafePointer<gk_kernels>
    public let level: KernelLevel
    /// The threads among which rows are shared out; `nil` for the calling thread alone.
    public var pool: WorkerPool?

    /// The level of ``KernelLevel/selected``.
    public static let best = Kernels(level: .selected) ?? Kernels.scalar

    /// The reference that every machine can run.
    public static let scalar = unsafe Kernels(table: gk_kernels_at(GK_SCALAR)!, level: .scalar)

    /// - Returns: `nil` when this machine can't run the level.
    public init?(level: KernelLevel) {
        guard let table = unsafe gk_kernels_at(level.code) else { return nil }
        unsafe self.init(table: table, level: level)
    }

    private init(table: UnsafePointer<gk_kernels>, level: KernelLevel) {
        unsafe self.table = table
        self.level = level
    }

    /// Normalises each row to zero mean and unit variance, then scales and shifts it, as `torch.nn.LayerNorm`.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - weight: `[1, columns]`.
    ///   - bias: `[1, columns]`.
    ///   - out: `[rows, columns]`.
    ///   - next: What to do with some rows, numbered from 0, as soon as they are normalised.
    public func layerNorm(
        _ x: MatrixView, weight: MatrixView, bias: MatrixView, epsilon: Float, into out: consuming MutableMatrixView,
        then next: ((Range<Int>) -> Void)? = nil
    ) {
        precondition(out.rows == x.rows && out.columns == x.columns, "layerNorm: [\(x.rows), \(x.columns)]")
        precondition(weight.columns == x.columns && bias.columns == x.columns, "layerNorm: \(weight.columns)")
        let (table, from, to) = unsafe (self.table, x.base, out.base)
        let (fromStride, toStride, columns) = (x.stride, out.stride, x.columns)
        let (weight, bias) = unsafe (weight.base, bias.base)
        self.parallel(rows: x.rows, columns: columns) { rows in
            // A few rows at a time, which are still in the first-level cache for what is next.
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsAtOnce) {
                let end = min(first + Self.rowsAtOnce, rows.upperBound)
                unsafe table.pointee.layer_norm(
                    to + first * toStride, toStride, from + first * fromStride, fromStride, end - first, columns,
                    weight, bias, epsilon)
                next?(first..<end)
            }
        }
    }

    /// So many elements are worth another thread.
    private static let partElements = 16384
    private static let rowsAtOnce = 4

    /// Does some work on all rows, shared out among the threads where there are enough.
    func parallel(rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
        guard let pool else { return body(0..<rows) }
        pool.run(units: rows, least: max(1, Self.partElements / max(1, columns))) { part, _ in body(part) }
    }

    /// Which keys a query of an attention sees.
    public enum Visibility: Sendable {
        case all
        /// Query r sees the keys 0...r.
        case causal
    }

    /// Replaces each element by the activation of itself plus its column's bias.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - bias: `[1, columns]`, or `nil` for none.
    public func activate(_ x: consuming MutableMatrixView, bias: Matrix?, _ activation: Activation) {
        precondition(bias.map { $0.columns == x.columns } ?? true, "activate: bias of \(x.columns)")
        let (table, bias) = unsafe (self.table, bias?.view.base)
        let (base, stride, columns) = unsafe (x.base, x.stride, x.columns)
        self.parallel(rows: x.rows, columns: columns) { rows in
            let first = unsafe base + rows.lowerBound * stride
            switch activation {
            case .quickGELU: unsafe table.pointee.quick_gelu(first, stride, rows.count, columns, bias)
            case .gelu: unsafe table.pointee.gelu(first, stride, rows.count, columns, bias)
            }
        }
    }

    /// Adds one row, `[1, columns]`, to every row of `x`, in place.
    public func addBias(_ bias: MatrixView, to x: consuming MutableMatrixView) {
        precondition(bias.columns == x.columns, "addBias: \(bias.columns) to \(x.columns) columns")
        unsafe self.table.pointee.add_bias(x.base, x.stride, x.rows, x.columns, bias.base)
    }

    /// Rounds every element to bfloat16, to nearest with ties to even.
    ///
    /// - Parameters:
    ///   - out: Takes the bits.
    ///   - byteStride: From one row of `out` to the next.
    ///   - isShared: Whether the rows are shared out among the threads.
    @unsafe
    func convertToBFloat16(
        _ x: MatrixView, into out: UnsafeMutablePointer<UInt16>, byteStride: Int, isShared: Bool = false
    ) {
        let (table, from, fromStride, columns) = unsafe (self.table, x.base, x.stride, x.columns)
        let stride = byteStride / MemoryLayout<UInt16>.stride
        func convert(_ rows: Range<Int>) {
            unsafe table.pointee.to_bfloat16(
                out + rows.lowerBound * stride, stride, from + rows.lowerBound * fromStride, fromStride, rows.count,
                columns)
        }
        if isShared { self.parallel(rows: x.rows, columns: columns, convert) } else { convert(0..<x.rows) }
    }

    /// Turns every row into bytes with a scale and a zero.
    @unsafe
    func convertToBytes(
        _ x: MatrixView, into out: UnsafeMutablePointer<UInt8>, byteStride: Int,
        scales: UnsafeMutablePointer<Float>, zeros: UnsafeMutablePointer<Int32>
    ) {
        unsafe self.table.pointee.to_bytes(out, byteStride, scales, zeros, x.base, x.stride, x.rows, x.columns)
    }

    /// Attention over several sequences, shared out among the threads; see ``MultiHeadAttention``.
    ///
    /// - Parameter scratch: A row for each thread.
    @unsafe
    func attend(_ sequences: [gk_attention], heads: Int, scratch: ScratchMatrix) {
        let (table, base, stride) = unsafe (self.table, scratch.mutableView.base, scratch.columns)
        func isWhole(_ sequence: Int) -> Bool {
            unsafe withUnsafePointer(to: sequences[sequence]) { unsafe gk_attention_is_whole($0) != 0 }
        }
        func attend(_ sequence: Int, _ heads: Range<Int>, _ thread: Int) {
            unsafe withUnsafePointer(to: sequences[sequence]) {
                unsafe table.pointee.attend($0, heads.lowerBound, heads.upperBound, base + thread * stride)
            }
        }
        // Whole sequences are one part each, the others one for each head.
        let count = unsafe sequences.count
        let divided = (0..<count).filter { !isWhole($0) }, whole = (0..<count).filter(isWhole)
        // What waits for memory last, beside what computes where the counts allow it.
        func part(_ part: Int, _ thread: Int) {
            if part < divided.count * heads {
                let (sequence, head) = part.quotientAndRemainder(dividingBy: heads)
                attend(divided[sequence], head..<head + 1, thread)
            } else {
                attend(whole[part - divided.count * heads], 0..<heads, thread)
            }
        }
        let parts = divided.count * heads + whole.count
        guard let pool else {
            for number in 0..<parts { part(number, 0) }
            return
        }
        pool.run(parts: parts, part)
    }

    /// Adds `x` to `out`, element by element.
    public func add(_ x: MatrixView, to out: consuming MutableMatrixView) {
        precondition(out.rows == x.rows && out.columns == x.columns, "add: [\(x.rows), \(x.columns)]")
        let (table, to, from) = unsafe (self.table, out.base, x.base)
        let (toStride, fromStride, columns) = (out.stride, x.stride, x.columns)
        self.parallel(rows: x.rows, columns: columns) { rows in
            unsafe table.pointee.add(
                to + rows.lowerBound * toStride, toStride, from + rows.lowerBound * fromStride, fromStride, rows.count,
                columns)
        }
    }

    /// Adds `x` to `out`, each column multiplied by its factor in `scale`, `[1, columns]`.
    public func add(_ x: MatrixView, scaledBy scale: MatrixView, to out: consuming MutableMatrixView) {
        precondition(out.rows == x.rows && out.columns == x.columns, "add: [\(x.rows), \(x.columns)]")
        precondition(scale.columns == x.columns, "add: \(scale.columns) factors for \(x.columns) columns")
        let (table, to, from, scale) = unsafe (self.table, out.base, x.base, scale.base)
        let (toStride, fromStride, columns) = (out.stride, x.stride, x.columns)
        self.parallel(rows: x.rows, columns: columns) { rows in
            unsafe table.pointee.add_scaled(
                to + rows.lowerBound * toStride, toStride, from + rows.lowerBound * fromStride, fromStride, rows.count,
                columns, scale)
        }
    }

    /// Copies `x` to `out`.
    public func copy(_ x: MatrixView, to out: consuming MutableMatrixView) {
        precondition(out.rows == x.rows && out.columns == x.columns, "copy: [\(x.rows), \(x.columns)]")
        let (to, from, columns) = unsafe (out.base, x.base, x.columns)
        let (toStride, fromStride) = (out.stride, x.stride)
        self.parallel(rows: x.rows, columns: columns) { rows in
            for row in rows { unsafe (to + row * toStride).update(from: from + row * fromStride, count: columns) }
        }
    }

    /// Divides each row by its Euclidean length, in place.
    public func l2Normalize(_ x: consuming MutableMatrixView) {
        unsafe self.table.pointee.l2_normalize(x.base, x.stride, x.rows, x.columns)
    }

    /// The mean of all rows of `x`, into the one row of `out`.
    public func meanRows(_ x: MatrixView, into out: consuming MutableMatrixView) {
        precondition(x.rows > 0 && out.rows == 1 && out.columns == x.columns, "meanRows: [\(x.rows), \(x.columns)]")
        unsafe self.table.pointee.mean_rows(out.base, x.base, x.stride, x.rows, x.columns)
    }

    /// The dot product of each row of `x` with the one row of `y`, times `scale`, into the one column of `out`.
    public func dots(_ x: MatrixView, _ y: MatrixView, scale: Float, into out: consuming MutableMatrixView) {
        precondition(y.columns == x.columns && y.rows == 1, "dots: [\(x.rows), \(x.columns)] by \(y.columns)")
        precondition(out.rows == x.rows && out.columns == 1, "dots: into [\(out.rows), \(out.columns)]")
        unsafe self.table.pointee.dots(out.base, out.stride, x.base, x.stride, x.rows, x.columns, y.base, scale)
    }

    /// Cuts a picture into patches: the rows of a convolution whose stride is its size.
    ///
    /// - Parameters:
    ///   - rgb: `[height, width, 3]`.
    ///   - patch: The edge of a patch, in pixels; divides both edges of the picture.
    ///   - table: `[3, 256]`, the value of each byte of each channel.
    ///   - out: `[patches, 3 * patch * patch]`; a row is ordered channel, row, column.
    public func patches(
        rgb: Span<UInt8>, height: Int, width: Int, patch: Int, table: Span<Float>,
        into out: consuming MutableMatrixView
    ) {
        precondition(rgb.count == height * width * 3 && table.count == 3 * 256, "patches: \(rgb.count) bytes")
        Self.checkPatches(height: height, width: width, patch: patch, rows: out.rows, columns: out.columns)
        let (kernels, base, stride) = unsafe (self.table, out.base, out.stride)
        let (bands, acrossBand, bandBytes) = (height / patch, width / patch, patch * width * 3)
        unsafe rgb.withUnsafeBufferPointer { rgb in
            unsafe table.withUnsafeBufferPointer { table in
                let (rgb, table) = (rgb.baseAddress!, table.baseAddress!)
                // A band as high as a patch is a picture of its own.
                self.parallel(rows: bands, columns: bandBytes) { own in
                    unsafe kernels.pointee.patches_from_rgb(
                        base + own.lowerBound * acrossBand * stride, stride, rgb + own.lowerBound * bandBytes,
                        own.count * patch, width, patch, table)
                }
            }
        }
    }

    /// Cuts a normalised picture, `[3, height, width]`, into patches as ``patches(rgb:height:width:patch:table:into:)``.
    public func patches(
        planes: Span<Float>, height: Int, width: Int, patch: Int, into out: consuming MutableMatrixView
    ) {
        precondition(planes.count == 3 * height * width, "patches: \(planes.count) values")
        Self.checkPatches(height: height, width: width, patch: patch, rows: out.rows, columns: out.columns)
        let (base, stride) = unsafe (out.base, out.stride)
        unsafe planes.withUnsafeBufferPointer { planes in
            unsafe self.table.pointee.patches_from_planes(base, stride, planes.baseAddress!, height, width, patch)
        }
    }

    private static func checkPatches(height: Int, width: Int, patch: Int, rows: Int, columns: Int) {
        precondition(patch > 0 && height % patch == 0 && width % patch == 0, "\(width)x\(height) in \(patch)s")
        precondition(rows > 0 && rows == (height / patch) * (width / patch), "patches: \(rows) rows")
        precondition(columns == 3 * patch * patch, "patches: \(columns) columns")
    }
}
