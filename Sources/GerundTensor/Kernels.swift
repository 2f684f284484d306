import CGerundKernels

/// The row kernels of one instruction-set level.
///
/// The only place that calls the row kernels of `CGerundKernels`. Sizes are checked here, once per call; kernels
/// allocate no memory and keep no state, so any thread may call any of them. A level gives the same bits on every run
/// and with any number of threads; levels differ in rounding only.
@safe
public struct Kernels: @unchecked Sendable {
    // Sendable: the table is a constant of the C side, whose functions keep no state.
    private let table: UnsafePointer<gerund_kernels>
    /// The instruction-set level.
    public let level: KernelLevel
    /// The threads that divide the rows among them; `nil` for the calling thread alone.
    public var pool: ThreadPool?

    /// The kernels of ``KernelLevel/selected``, without a pool.
    public static let best = Kernels(level: .selected) ?? Kernels.scalar

    /// The reference kernels, which every machine can run.
    public static let scalar = unsafe Kernels(table: gerund_kernels_at(GERUND_SCALAR)!, level: .scalar)

    /// Creates the kernels of a level, without a pool; `nil` if this machine can't run the level.
    ///
    /// - Parameter level: The instruction-set level.
    public init?(level: KernelLevel) {
        guard let table = unsafe gerund_kernels_at(level.code) else { return nil }
        unsafe self.init(table: table, level: level)
    }

    private init(table: UnsafePointer<gerund_kernels>, level: KernelLevel) {
        unsafe self.table = table
        self.level = level
    }

    /// Normalizes each row to zero mean and unit variance, then scales and shifts it, as `torch.nn.LayerNorm`.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - weight: `[1, columns]`.
    ///   - bias: `[1, columns]`.
    ///   - epsilon: The number that is added to the variance.
    ///   - out: `[rows, columns]`; may be `x`.
    ///   - next: Called, on any of the threads, with the indices of a few rows as soon as they are normalized.
    public func layerNorm(
        _ x: MatrixView, weight: MatrixView, bias: MatrixView, epsilon: Float, into out: consuming MutableMatrixView,
        then next: ((Range<Int>) -> Void)? = nil
    ) {
        precondition(out.rows == x.rows && out.columns == x.columns, "layerNorm: [\(x.rows), \(x.columns)]")
        precondition(weight.columns == x.columns && bias.columns == x.columns, "layerNorm: \(weight.columns)")
        let (table, from, to) = unsafe (self.table, x.base, out.base)
        let (fromStride, toStride, columns) = (x.stride, out.stride, x.columns)
        let (weight, bias) = unsafe (weight.base, bias.base)
        self.forEachRowRange(rows: x.rows, columns: columns) { rows in
            // A few rows at a time, which are still in the first-level cache when `next` reads them.
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsPerStep) {
                let end = min(first + Self.rowsPerStep, rows.upperBound)
                unsafe table.pointee.layer_norm(
                    to + first * toStride, toStride, from + first * fromStride, fromStride, end - first, columns,
                    weight, bias, epsilon)
                next?(first..<end)
            }
        }
    }

    /// The minimum number of elements per parallel task.
    private static let minimumElementsPerTask = 16384
    private static let rowsPerStep = 4

    /// Divides rows into ranges and calls `body` with each, in parallel if there are enough elements.
    func forEachRowRange(rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
        guard let pool else { return body(0..<rows) }
        let minimum = max(1, Self.minimumElementsPerTask / max(1, columns))
        pool.run(units: rows, minimumPerTask: minimum) { part, _ in body(part) }
    }

    /// Adds a bias to each row, then replaces each element by its activation, in place.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - bias: `[1, columns]`, or `nil`.
    ///   - activation: The activation function.
    public func activate(_ x: consuming MutableMatrixView, bias: Matrix?, _ activation: Activation) {
        precondition(bias.map { $0.columns == x.columns } ?? true, "activate: bias of \(x.columns)")
        let (table, bias) = unsafe (self.table, bias?.view.base)
        let (base, stride, columns) = unsafe (x.base, x.stride, x.columns)
        self.forEachRowRange(rows: x.rows, columns: columns) { rows in
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
    ///   - x: `[rows, columns]`.
    ///   - out: The memory for the bits, `[rows, columns]`.
    ///   - byteStride: The distance between the starts of two rows of `out`, in bytes.
    ///   - isParallel: Whether the threads divide the rows among them.
    @unsafe
    func convertToBFloat16(
        _ x: MatrixView, into out: UnsafeMutablePointer<UInt16>, byteStride: Int, isParallel: Bool = false
    ) {
        let (table, from, fromStride, columns) = unsafe (self.table, x.base, x.stride, x.columns)
        let stride = byteStride / MemoryLayout<UInt16>.stride
        func convert(_ rows: Range<Int>) {
            unsafe table.pointee.to_bfloat16(
                out + rows.lowerBound * stride, stride, from + rows.lowerBound * fromStride, fromStride, rows.count,
                columns)
        }
        if isParallel { self.forEachRowRange(rows: x.rows, columns: columns, convert) } else { convert(0..<x.rows) }
    }

    /// Quantizes each row to unsigned 8-bit integers with a per-row scale and zero point.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - out: The memory for the integers, `[rows, columns]`.
    ///   - byteStride: The distance between the starts of two rows of `out`, in bytes.
    ///   - scales: The memory for the scales, `[rows]`.
    ///   - zeroPoints: The memory for the zero points, `[rows]`.
    @unsafe
    func quantizeUInt8(
        _ x: MatrixView, into out: UnsafeMutablePointer<UInt8>, byteStride: Int,
        scales: UnsafeMutablePointer<Float>, zeroPoints: UnsafeMutablePointer<Int32>
    ) {
        unsafe self.table.pointee.quantize_u8(
            out, byteStride, scales, zeroPoints, x.base, x.stride, x.rows, x.columns)
    }

    /// Computes the attention of several sequences, which the threads divide among them; see ``MultiHeadAttention``.
    ///
    /// - Parameters:
    ///   - sequences: The sequences; none may write rows that another one reads.
    ///   - heads: The number of heads of each.
    ///   - scratch: One row per thread.
    @unsafe
    func attend(_ sequences: [gerund_attention], heads: Int, scratch: ScratchMatrix) {
        let (table, base, stride) = unsafe (self.table, scratch.mutableView.base, scratch.columns)
        func computesAllHeadsAtOnce(_ sequence: Int) -> Bool {
            unsafe withUnsafePointer(to: sequences[sequence]) {
                unsafe gerund_attention_all_heads_at_once($0) != 0
            }
        }
        func attend(_ sequence: Int, _ heads: Range<Int>, _ thread: Int) {
            unsafe withUnsafePointer(to: sequences[sequence]) {
                unsafe table.pointee.attend($0, heads.lowerBound, heads.upperBound, base + thread * stride)
            }
        }
        // A task is one head of a sequence, or all heads of a sequence whose heads are computed at once. The latter are
        // memory-bound: they come last, so that they overlap with the end of the compute-bound ones.
        let count = unsafe sequences.count
        let perHead = (0..<count).filter { !computesAllHeadsAtOnce($0) }
        let whole = (0..<count).filter(computesAllHeadsAtOnce)
        func run(_ task: Int, _ thread: Int) {
            if task < perHead.count * heads {
                let (sequence, head) = task.quotientAndRemainder(dividingBy: heads)
                attend(perHead[sequence], head..<head + 1, thread)
            } else {
                attend(whole[task - perHead.count * heads], 0..<heads, thread)
            }
        }
        let tasks = perHead.count * heads + whole.count
        guard let pool else {
            for task in 0..<tasks { run(task, 0) }
            return
        }
        pool.run(tasks: tasks, run)
    }

    /// Adds `x` to `out`, element by element, both `[rows, columns]`.
    public func add(_ x: MatrixView, to out: consuming MutableMatrixView) {
        precondition(out.rows == x.rows && out.columns == x.columns, "add: [\(x.rows), \(x.columns)]")
        let (table, to, from) = unsafe (self.table, out.base, x.base)
        let (toStride, fromStride, columns) = (out.stride, x.stride, x.columns)
        self.forEachRowRange(rows: x.rows, columns: columns) { rows in
            unsafe table.pointee.add(
                to + rows.lowerBound * toStride, toStride, from + rows.lowerBound * fromStride, fromStride, rows.count,
                columns)
        }
    }

    /// Adds `x` to `out`, each column multiplied by its factor.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - scale: The factors, `[1, columns]`.
    ///   - out: `[rows, columns]`.
    public func add(_ x: MatrixView, scaledBy scale: MatrixView, to out: consuming MutableMatrixView) {
        precondition(out.rows == x.rows && out.columns == x.columns, "add: [\(x.rows), \(x.columns)]")
        precondition(scale.columns == x.columns, "add: \(scale.columns) factors for \(x.columns) columns")
        let (table, to, from, scale) = unsafe (self.table, out.base, x.base, scale.base)
        let (toStride, fromStride, columns) = (out.stride, x.stride, x.columns)
        self.forEachRowRange(rows: x.rows, columns: columns) { rows in
            unsafe table.pointee.add_scaled(
                to + rows.lowerBound * toStride, toStride, from + rows.lowerBound * fromStride, fromStride, rows.count,
                columns, scale)
        }
    }

    /// Copies `x` to `out`, both `[rows, columns]`.
    public func copy(_ x: MatrixView, to out: consuming MutableMatrixView) {
        precondition(out.rows == x.rows && out.columns == x.columns, "copy: [\(x.rows), \(x.columns)]")
        let (to, from, columns) = unsafe (out.base, x.base, x.columns)
        let (toStride, fromStride) = (out.stride, x.stride)
        self.forEachRowRange(rows: x.rows, columns: columns) { rows in
            for row in rows { unsafe (to + row * toStride).update(from: from + row * fromStride, count: columns) }
        }
    }

    /// Divides each row by its Euclidean length, in place; a row of zeros becomes NaN.
    public func l2Normalize(_ x: consuming MutableMatrixView) {
        unsafe self.table.pointee.l2_normalize(x.base, x.stride, x.rows, x.columns)
    }

    /// Computes the mean over the rows.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`, at least one row.
    ///   - out: `[1, columns]`.
    public func meanOverRows(_ x: MatrixView, into out: consuming MutableMatrixView) {
        precondition(x.rows > 0 && out.rows == 1 && out.columns == x.columns, "meanOverRows: [\(x.rows), \(x.columns)]")
        unsafe self.table.pointee.mean_over_rows(out.base, x.base, x.stride, x.rows, x.columns)
    }

    /// Computes the dot product of each row of a matrix with one vector.
    ///
    /// - Parameters:
    ///   - x: `[rows, columns]`.
    ///   - y: `[1, columns]`.
    ///   - scale: The factor of every result.
    ///   - out: `[rows, 1]`.
    public func dotProducts(_ x: MatrixView, _ y: MatrixView, scale: Float, into out: consuming MutableMatrixView) {
        precondition(y.columns == x.columns && y.rows == 1, "dotProducts: [\(x.rows), \(x.columns)] by \(y.columns)")
        precondition(out.rows == x.rows && out.columns == 1, "dotProducts: into [\(out.rows), \(out.columns)]")
        unsafe self.table.pointee.dot_products(
            out.base, out.stride, x.base, x.stride, x.rows, x.columns, y.base, scale)
    }

    /// Extracts the non-overlapping patches of an RGB image: im2col for a convolution whose stride is its kernel size.
    ///
    /// - Parameters:
    ///   - rgb: `[height, width, 3]`.
    ///   - height: The height of the image, in pixels.
    ///   - width: The width of the image, in pixels.
    ///   - patch: The edge of a patch, in pixels; divides height and width.
    ///   - normalizationTable: The normalized value of each byte per channel, `[3, 256]`.
    ///   - out: `[patches, 3 * patch * patch]`, patches row-major; columns are ordered channel, row, column.
    public func extractPatches(
        rgb: Span<UInt8>, height: Int, width: Int, patch: Int, normalizationTable: Span<Float>,
        into out: consuming MutableMatrixView
    ) {
        precondition(
            rgb.count == height * width * 3 && normalizationTable.count == 3 * 256,
            "extractPatches: \(rgb.count) bytes")
        Self.checkPatches(height: height, width: width, patch: patch, rows: out.rows, columns: out.columns)
        let (kernels, base, stride) = unsafe (self.table, out.base, out.stride)
        let (bands, acrossBand, bandBytes) = (height / patch, width / patch, patch * width * 3)
        unsafe rgb.withUnsafeBufferPointer { rgb in
            unsafe normalizationTable.withUnsafeBufferPointer { table in
                let (rgb, table) = (rgb.baseAddress!, table.baseAddress!)
                // A band that is as high as a patch is an image in itself.
                self.forEachRowRange(rows: bands, columns: bandBytes) { own in
                    unsafe kernels.pointee.patches_from_rgb(
                        base + own.lowerBound * acrossBand * stride, stride, rgb + own.lowerBound * bandBytes,
                        own.count * patch, width, patch, table)
                }
            }
        }
    }

    /// Extracts the non-overlapping patches of normalized pixel values.
    ///
    /// - Parameters:
    ///   - planes: `[3, height, width]`.
    ///   - height: The height of the image, in pixels.
    ///   - width: The width of the image, in pixels.
    ///   - patch: The edge of a patch, in pixels; divides height and width.
    ///   - out: `[patches, 3 * patch * patch]`, patches row-major; columns are ordered channel, row, column.
    public func extractPatches(
        planes: Span<Float>, height: Int, width: Int, patch: Int, into out: consuming MutableMatrixView
    ) {
        precondition(planes.count == 3 * height * width, "extractPatches: \(planes.count) values")
        Self.checkPatches(height: height, width: width, patch: patch, rows: out.rows, columns: out.columns)
        let (base, stride) = unsafe (out.base, out.stride)
        unsafe planes.withUnsafeBufferPointer { planes in
            unsafe self.table.pointee.patches_from_planes(base, stride, planes.baseAddress!, height, width, patch)
        }
    }

    private static func checkPatches(height: Int, width: Int, patch: Int, rows: Int, columns: Int) {
        precondition(patch > 0 && height % patch == 0 && width % patch == 0, "\(width)x\(height) in \(patch)s")
        precondition(rows > 0 && rows == (height / patch) * (width / patch), "extractPatches: \(rows) rows")
        precondition(columns == 3 * patch * patch, "extractPatches: \(columns) columns")
    }
}
