import GerundTensor
import GerundTesting
import Testing

@Suite("Every kernel agrees with the scalar one")
struct KernelTests {
    /// Around the edges of vectors of 8 and 16 floats, and the model's own 51, 512 and 768.
    static let widths = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 51, 512, 768]
    static let levels = KernelLevel.supported

    /// Three rows inside a wider and longer matrix full of a mark: a stray write shows.
    private struct Guarded: ~Copyable {
        static let mark: Float = -12345.5
        static let rows = 3

        var buffer: MatrixBuffer
        let columns: Int

        init(_ values: [Float], columns: Int) {
            self.columns = columns
            self.buffer = MatrixBuffer(rows: Self.rows + 2, columns: columns + 19)
            var span = self.buffer.span
            for index in 0..<span.count { span[index] = Self.mark }
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

        /// The rows' elements, after checking that nothing around them was written.
        func elements(sourceLocation: SourceLocation = #_sourceLocation) -> [Float] {
            let all = self.buffer.view.elements
            let width = self.columns + 19
            for index in all.indices {
                let (row, column) = (index / width, index % width)
                let inside = (1...Self.rows).contains(row) && (3..<3 + self.columns).contains(column)
                if !inside && all[index] != Self.mark {
                    Issue.record("a write outside, at [\(row - 1), \(column - 3)]", sourceLocation: sourceLocation)
                    break
                }
            }
            return self.view.elements
        }
    }

    /// Runs a kernel in place on the same values at `level` and at scalar, and compares.
    private func compare(
        _ level: KernelLevel, _ columns: Int, magnitude: Float = 4, tolerance: Float = 2e-6,
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

    @Test(arguments: levels, widths)
    func layerNorm(level: KernelLevel, columns: Int) throws {
        try self.compare(level, columns) { kernels, x, other, row in
            kernels.layerNorm(other, weight: row.view, bias: row.view, epsilon: 1e-5, into: x)
        }
    }

    @Test(arguments: levels, widths)
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

    @Test(arguments: levels, widths)
    func sums(level: KernelLevel, columns: Int) throws {
        try self.compare(level, columns) { kernels, x, _, row in kernels.addBias(row.view, to: x) }
        try self.compare(level, columns) { kernels, x, other, _ in kernels.add(other, to: x) }
        try self.compare(level, columns) { kernels, x, other, row in kernels.add(other, scaledBy: row.view, to: x) }
        try self.compare(level, columns) { kernels, x, other, _ in kernels.meanRows(other, into: x.rows(1..<2)) }
        try self.compare(level, columns) { kernels, x, _, _ in kernels.l2Normalize(x) }
    }

    @Test(arguments: levels, widths)
    func dots(level: KernelLevel, columns: Int) throws {
        // Sums of up to 768 products that may cancel: compared with the size of their terms.
        try self.compare(level, columns, tolerance: 1e-5) { kernels, x, other, row in
            kernels.dots(other, row.view, scale: 3, into: x.columns(0..<1))
        }
    }

    @Test("NaN is never hidden: a broken weight shows in the result", arguments: levels, [0, 5, 16, 36])
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
        #expect(result { x, out in kernels.dots(x, row.view, scale: 1, into: out.mutableView.columns(0..<1)) }[0].isNaN)
    }

    @Test("Layer norm may work in place", arguments: levels)
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

@Suite("Patches")
struct PatchTests {
    @Test("A patch's row is ordered channel, row, column", arguments: KernelLevel.supported)
    func order(level: KernelLevel) throws {
        let kernels = try #require(Kernels(level: level))
        // Two patches across, three down; a byte tells its place.
        let (height, width, patch) = (6, 4, 2)
        let rgb = (0..<height * width * 3).map(UInt8.init)
        let table = (0..<3 * 256).map { (index: Int) -> Float in Float(index / 256 * 1000 + index % 256) }
        var out = MatrixBuffer(rows: 6, columns: 12)
        kernels.patches(
            rgb: rgb.span, height: height, width: width, patch: patch, table: table.span, into: out.mutableView)
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
        kernels.patches(planes: planes.span, height: height, width: width, patch: patch, into: same.mutableView)
        #expect(same.view.elements == out.view.elements)
    }
}

@Suite("KernelLevel")
struct KernelLevelTests {
    @Test("Every machine runs the scalar level, and every level up to its own")
    func supported() {
        #expect(KernelLevel.supported.first == .scalar)
        #expect(KernelLevel.supported.last == KernelLevel.detected)
        for level in KernelLevel.allCases {
            #expect((Kernels(level: level) != nil) == (level <= .detected))
        }
        #expect(KernelLevel.selected <= .detected && Kernels.best.level == .selected)
    }
}
