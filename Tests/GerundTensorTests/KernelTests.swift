import GerundCore
import GerundTesting
import Testing

@testable import GerundTensor

@Suite("Kernels")
struct KernelTests {
    /// Around the edges of vectors of 8 and 16 floats, and the model's own 51, 512 and 768.
    static let widths = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 51, 512, 768]
    static let levels = KernelLevel.supported

    /// Three rows inside a wider and longer matrix that is filled with a marker, which reveals writes outside of the
    /// rows.
    private struct Guarded: ~Copyable {
        static let marker: Float = -12345.5
        static let rows = 3

        var buffer: MatrixBuffer
        let columns: Int

        init(_ values: [Float], columns: Int) {
            self.columns = columns
            self.buffer = MatrixBuffer(rows: Self.rows + 2, columns: columns + 19)
            var span = self.buffer.span
            for index in 0..<span.count { span[index] = Self.marker }
            for index in values.indices {
                span[(index / columns + 1) * (columns + 19) + 3 + index % columns] = values[index]
            }
        }

        var view: MatrixView {
            @_lifetime(borrow self) get { self.buffer.view.rows(1..<Self.rows + 1).columns(3..<3 + self.columns) }
        }

        var mutableView: MutableMatrixView {
            @_lifetime(&self) mutating get {
                self.buffer.mutableView.rows(1..<Self.rows + 1).columns(3..<3 + self.columns)
            }
        }

        /// Returns the rows' elements, after checking that nothing around them was written.
        func elements(sourceLocation: SourceLocation = #_sourceLocation) -> [Float] {
            let all = self.buffer.view.elements
            let width = self.columns + 19
            for index in all.indices {
                let (row, column) = (index / width, index % width)
                let inside = (1...Self.rows).contains(row) && (3..<3 + self.columns).contains(column)
                if !inside && all[index] != Self.marker {
                    Issue.record("write outside, at [\(row - 1), \(column - 3)]", sourceLocation: sourceLocation)
                    break
                }
            }
            return self.view.elements
        }
    }

    /// Runs a kernel in place on the same values at `level` and at scalar, and compares.
    private func compare(
        _ level: KernelLevel, _ columns: Int, magnitude: Float = 4, tolerance: Float = 4e-7,
        _ run: (Kernels, consuming MutableMatrixView, MatrixView, Matrix) -> Void
    ) throws {
        var random = SplitMix64(seed: UInt64(columns))
        let values = random.floats(Guarded.rows * columns, magnitude: magnitude)
        let others = Guarded(random.floats(Guarded.rows * columns, magnitude: magnitude), columns: columns)
        let row = Matrix(rows: 1, columns: columns, elements: random.floats(columns))
        var expected = Guarded(values, columns: columns)
        run(.scalar, expected.mutableView, others.view, row)
        var actual = Guarded(values, columns: columns)
        run(try #require(Kernels(level: level)), actual.mutableView, others.view, row)
        let difference = TensorDifference(actual.elements(), expected.elements())
        #expect(difference.relative <= tolerance, "\(level), \(columns) columns: \(difference)")
    }

    @Test("Layer normalization agrees with the scalar kernel", arguments: levels, widths)
    func layerNorm(level: KernelLevel, columns: Int) throws {
        try self.compare(level, columns) { kernels, x, other, row in
            kernels.layerNorm(other, weight: row.view, bias: row.view, epsilon: 1e-5, into: x)
        }
    }

    @Test("Activations agree with the scalar kernels", arguments: levels, widths)
    func activations(level: KernelLevel, columns: Int) throws {
        for activation in Activation.allCases {
            try self.compare(level, columns, magnitude: 12) { kernels, x, _, row in
                kernels.activate(x, bias: row, activation)
            }
            try self.compare(level, columns, magnitude: 200) { kernels, x, _, _ in
                kernels.activate(x, bias: nil, activation)
            }
        }
    }

    @Test("Sums, means and norms agree with the scalar kernels", arguments: levels, widths)
    func sums(level: KernelLevel, columns: Int) throws {
        try self.compare(level, columns) { kernels, x, _, row in kernels.addBias(row.view, to: x) }
        try self.compare(level, columns) { kernels, x, other, _ in kernels.add(other, to: x) }
        try self.compare(level, columns) { kernels, x, other, row in kernels.add(other, scaledBy: row.view, to: x) }
        try self.compare(level, columns) { kernels, x, other, _ in kernels.meanOverRows(other, into: x.rows(1..<2)) }
        try self.compare(level, columns) { kernels, x, _, _ in kernels.l2Normalize(x) }
    }

    @Test("Dot products agree with the scalar kernel", arguments: levels, widths)
    func dotProducts(level: KernelLevel, columns: Int) throws {
        // Sums of up to 768 terms that may cancel each other.
        try self.compare(level, columns, tolerance: 6e-7) { kernels, x, other, row in
            kernels.dotProducts(other, row.view, scale: 3, into: x.columns(0..<1))
        }
    }

    @Test("NaN in the input is NaN in the result", arguments: levels, [0, 5, 16, 36])
    func nan(level: KernelLevel, position: Int) throws {
        let kernels = try #require(Kernels(level: level))
        var random = SplitMix64(seed: 8)
        var values = random.floats(37)
        values[position] = .nan
        let (broken, row) = (
            Matrix(rows: 1, columns: 37, elements: values), Matrix(rows: 1, columns: 37, elements: random.floats(37))
        )
        func result(_ run: (MatrixView, borrowing ScratchMatrix) -> Void) -> [Float] {
            let out = ScratchMatrix(rows: 1, columns: 37)
            out.mutableView.copy(from: broken.view)
            run(broken.view, out)
            return out.view.elements
        }
        func isAllNaN(_ values: [Float]) -> Bool { values.allSatisfy(\.isNaN) }
        #expect(isAllNaN(result { _, x in kernels.l2Normalize(x.mutableView) }))
        #expect(
            isAllNaN(
                result { x, out in
                    kernels.layerNorm(x, weight: row.view, bias: row.view, epsilon: 1e-5, into: out.mutableView)
                }))
        for activation in Activation.allCases {
            let activated = result { _, x in kernels.activate(x.mutableView, bias: row, activation) }
            #expect(activated.indices.filter { activated[$0].isNaN } == [position])
        }
        let products = result { x, out in
            kernels.dotProducts(x, row.view, scale: 1, into: out.mutableView.columns(0..<1))
        }
        #expect(products[0].isNaN)
    }

    @Test("Quantizes rows to unsigned bytes by the definition", arguments: levels, widths)
    func quantizeUInt8(level: KernelLevel, columns: Int) throws {
        let kernels = try #require(Kernels(level: level))
        var random = SplitMix64(seed: UInt64(columns))
        // Values of both signs, positive ones, negative ones, zeros: the range always includes 0.
        let elements =
            random.floats(columns, magnitude: 7) + random.floats(columns).map { abs($0) + 3 }
            + random.floats(columns).map { -abs($0) - 3 } + [Float](repeating: 0, count: columns)
        let x = Matrix(rows: 4, columns: columns, elements: elements)
        let stride = columns + 5
        var bytes = [UInt8](repeating: 0xa5, count: 4 * stride)
        var (scales, zeroPoints) = ([Float](repeating: 0, count: 4), [Int32](repeating: -1, count: 4))
        unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe scales.withUnsafeMutableBufferPointer { scales in
                unsafe zeroPoints.withUnsafeMutableBufferPointer { zeroPoints in
                    unsafe kernels.quantizeUInt8(
                        x.view, into: bytes.baseAddress!, byteStride: stride, scales: scales.baseAddress!,
                        zeroPoints: zeroPoints.baseAddress!)
                }
            }
        }
        for row in 0..<4 {
            let values = Array(elements[row * columns..<(row + 1) * columns])
            let (minimum, maximum) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
            let scale = maximum > minimum ? (maximum - minimum) / 255 : 1
            let zeroPoint = (-minimum / scale).rounded(.toNearestOrEven)
            #expect(scales[row] == scale && zeroPoints[row] == Int32(zeroPoint), "row \(row)")
            let factor = 1 / scale
            let expected = values.map {
                UInt8(min(max(($0 * factor).rounded(.toNearestOrEven) + zeroPoint, 0), 255))
            }
            let actual = Array(bytes[row * stride..<row * stride + columns])
            #expect(actual == expected, "row \(row)")
            #expect(bytes[row * stride + columns..<(row + 1) * stride].allSatisfy { $0 == 0xa5 }, "write outside")
            // Half a step of rounding each for the value and the zero point.
            let error = zip(values, actual).map { abs($0 - scale * (Float($1) - zeroPoint)) }.max() ?? 0
            #expect(error <= scale * 1.001, "row \(row)")
        }
    }

    @Test("Rounds to bfloat16 to nearest with ties to even, and keeps NaN", arguments: levels)
    func bfloat16(level: KernelLevel) throws {
        let kernels = try #require(Kernels(level: level))
        let cases: [(UInt32, UInt16)] = [
            (0x3f80_0000, 0x3f80), (0x3f80_7fff, 0x3f80), (0x3f80_8000, 0x3f80), (0x3f80_8001, 0x3f81),
            (0x3f81_8000, 0x3f82), (0xbf81_8000, 0xbf82), (0x0000_0000, 0), (0x8000_0000, 0x8000),
            (0x7f80_0000, 0x7f80), (0xff80_0000, 0xff80), (0x7f7f_ffff, 0x7f80), (0x0000_8001, 0x0001),
        ]
        let columns = 2 * cases.count + 1
        let elements = (0..<columns).map { index in
            index == columns - 1 ? Float.nan : Float(bitPattern: cases[index % cases.count].0)
        }
        let x = Matrix(rows: 1, columns: columns, elements: elements)
        var bits = [UInt16](repeating: 0, count: columns)
        unsafe bits.withUnsafeMutableBufferPointer {
            unsafe kernels.convertToBFloat16(x.view, into: $0.baseAddress!, byteStride: 2 * columns)
        }
        for index in 0..<columns - 1 { #expect(bits[index] == cases[index % cases.count].1, "element \(index)") }
        #expect(Float(bitPattern: UInt32(bits[columns - 1]) << 16).isNaN)
    }

    @Test("Layer normalization works in place", arguments: levels)
    func inPlace(level: KernelLevel) throws {
        let kernels = try #require(Kernels(level: level))
        var random = SplitMix64(seed: 3)
        let values = random.floats(5 * 37)
        let row = Matrix(rows: 1, columns: 37, elements: random.floats(37))
        let scratch = ScratchMatrix(rows: 5, columns: 37)
        scratch.mutableView.copy(from: Matrix(rows: 5, columns: 37, elements: values).view)
        var apart = MatrixBuffer(rows: 5, columns: 37)
        kernels.layerNorm(
            scratch.view, weight: row.view, bias: row.view, epsilon: 1e-5, into: apart.mutableView)
        kernels.layerNorm(
            scratch.view, weight: row.view, bias: row.view, epsilon: 1e-5, into: scratch.mutableView)
        #expect(scratch.view.elements == apart.view.elements)
    }
}

@Suite("Kernels.extractPatches")
struct ExtractPatchesTests {
    @Test("Orders the row of a patch by channel, row, column", arguments: KernelLevel.supported)
    func order(level: KernelLevel) throws {
        let kernels = try #require(Kernels(level: level))
        // Two patches across, three down; each byte is its own index.
        let (height, width, patch) = (6, 4, 2)
        let rgb = (0..<height * width * 3).map(UInt8.init)
        let table = (0..<3 * 256).map { (index: Int) -> Float in Float(index / 256 * 1000 + index % 256) }
        var out = MatrixBuffer(rows: 6, columns: 12)
        kernels.extractPatches(
            rgb: rgb.span, height: height, width: width, patch: patch, normalizationTable: table.span,
            into: out.mutableView)
        for index in 0..<72 {
            let (row, column) = (index / 12, index % 12)
            let (channel, y, x) = (column / 4, row / 2 * 2 + column % 4 / 2, row % 2 * 2 + column % 2)
            #expect(out.view[row, column] == Float(channel * 1000 + (y * width + x) * 3 + channel))
        }
        let planes = (0..<3 * height * width).map { (index: Int) -> Float in
            let (channel, pixel) = (index / (height * width), index % (height * width))
            return Float(channel * 1000 + pixel * 3 + channel)
        }
        var same = MatrixBuffer(rows: 6, columns: 12)
        kernels.extractPatches(planes: planes.span, height: height, width: width, patch: patch, into: same.mutableView)
        #expect(same.view.elements == out.view.elements)
    }
}

@Suite("KernelLevel")
struct KernelLevelTests {
    @Test("Every machine runs the scalar level and all levels up to its own")
    func supported() {
        #expect(KernelLevel.supported.first == .scalar)
        #expect(KernelLevel.supported.last == KernelLevel.detected)
        for level in KernelLevel.allCases {
            #expect((Kernels(level: level) != nil) == (level <= .detected))
        }
        #expect(KernelLevel.selected <= .detected && Kernels.best.level == .selected)
    }
}
