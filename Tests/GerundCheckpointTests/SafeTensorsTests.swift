import Foundation
import GerundCore
import GerundTensor
import GerundTesting
import Testing

@testable import GerundCheckpoint

@Suite("SafeTensors")
struct SafeTensorsTests {
    let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    func open(_ bytes: [UInt8]) throws -> SafeTensors {
        try SafeTensors(path: self.directory.write(bytes, to: "model.safetensors"))
    }

    func read(_ file: SafeTensors, _ name: String, shape: [Int]) throws(WeightError) -> [Float] {
        var values = [Float](repeating: .nan, count: shape.reduce(1, *))
        var span = values.mutableSpan
        try file.read(name, shape: shape, into: &span)
        return values
    }

    @Test("Reads float32 tensors bit for bit, at any alignment")
    func float32() throws {
        let weight: [Float] = [1, -2.5, 0x1p-140, .infinity, -0.0, 0.1]
        let file = try self.open(
            SafeTensorsBytes.make([
                ("odd", "U8", [3], [1, 2, 3]), ("weight", "F32", [2, 3], SafeTensorsBytes.f32(weight)),
                ("scale", "F32", [], SafeTensorsBytes.f32([4.5])),
            ]))
        #expect(try self.read(file, "weight", shape: [2, 3]).map(\.bitPattern) == weight.map(\.bitPattern))
        #expect(try self.read(file, "scale", shape: []) == [4.5])
        #expect(file.contains("weight") && !file.contains("bias"))
        #expect(file.names == ["odd", "weight", "scale"])
        #expect(file.info("weight")?.shape == [2, 3])
    }

    @Test("Converts every float16 and bfloat16 value exactly")
    func halfPrecision() throws {
        // All 65,536 patterns: more than the chunk in which they are converted.
        let patterns = (0...UInt16.max).map { $0 }
        let data = SafeTensorsBytes.u16(patterns)
        let file = try self.open(
            SafeTensorsBytes.make([("b", "BF16", [256, 256], data), ("h", "F16", [65536], data)]))
        let bf16 = try self.read(file, "b", shape: [256, 256])
        let f16 = try self.read(file, "h", shape: [65536])
        for pattern in patterns {
            #expect(bf16[Int(pattern)].bitPattern == UInt32(pattern) << 16)
            // Signalling NaNs become quiet ones in the conversion.
            let expected = Float(Float16(bitPattern: pattern))
            #expect(f16[Int(pattern)] == expected || f16[Int(pattern)].isNaN && expected.isNaN)
        }
        #expect(f16[0x3C00] == 1 && f16[0xC000] == -2 && f16[0x0001] == 0x1p-24 && f16[0x7BFF] == 65504)
    }

    @Test("Reads a part of a tensor, and checks one without reading it", arguments: ["F32", "F16", "BF16"])
    func parts(type: String) throws {
        let numbers = (0..<12).map(Float.init)
        let data =
            switch type {
            case "F16": SafeTensorsBytes.u16(numbers.map { Float16($0).bitPattern })
            case "BF16": SafeTensorsBytes.u16(numbers.map { UInt16($0.bitPattern >> 16) })
            default: SafeTensorsBytes.f32(numbers)
            }
        let file = try self.open(SafeTensorsBytes.make([("other", "U8", [2], [1, 2]), ("w", type, [4, 3], data)]))
        for (first, count) in [(3, 3), (0, 1), (11, 1), (5, 7), (12, 0)] {
            var values = [Float](repeating: .nan, count: count)
            var span = values.mutableSpan
            try file.read("w", shape: [4, 3], from: first, into: &span)
            #expect(values == Array(numbers[first..<first + count]))
        }
        var nothing = MutableSpan<Float>()
        let error = #expect(throws: WeightError.self) {
            try file.read("w", shape: [3, 4], from: 0, into: &nothing)
        }
        #expect(error?.code == .wrongShape)
    }

    @Test("Accepts no tensors, empty tensors, metadata and a padded header")
    func unusualButValid() throws {
        #expect(try self.open(SafeTensorsBytes.make([])).names.isEmpty)
        let header =
            #"{"__metadata__": {"format": "pt"}, "# + SafeTensorsBytes.entry("e", "F32", "[0, 4]", "[0, 0]") + ", "
            + SafeTensorsBytes.entry("w", "F32", "[1]", "[0, 4]") + ", "
            + SafeTensorsBytes.entry("z", "F32", "[0]", "[4, 4]") + "}     "
        let file = try self.open(SafeTensorsBytes.make(header: header, data: [0, 0, 128, 63]))
        #expect(file.metadata == ["format": "pt"])
        #expect(try self.read(file, "e", shape: [0, 4]) == [])
        #expect(try self.read(file, "w", shape: [1]) == [1])
        #expect(try self.read(file, "z", shape: [0]) == [])
    }

    @Test("Reports what was expected and found if a tensor doesn't match")
    func misfits() throws {
        let file = try self.open(
            SafeTensorsBytes.make([
                ("ids", "I64", [2], [UInt8](repeating: 0, count: 16)), ("w", "F32", [2], SafeTensorsBytes.f32([1, 2])),
            ]))
        let path = self.directory.path("model.safetensors")
        let missing = #expect(throws: WeightError.self) { try self.read(file, "bias", shape: [2]) }
        #expect(missing?.code == .missing)
        #expect(
            missing?.summary == "\(path): tensor 'bias': expected float tensor [2], found no such tensor")
        let shape = #expect(throws: WeightError.self) { try self.read(file, "w", shape: [1, 2]) }
        #expect(shape?.code == .wrongShape)
        #expect(shape?.summary == "\(path): tensor 'w': expected float tensor [1, 2], found F32 tensor [2]")
        let type = #expect(throws: WeightError.self) { try self.read(file, "ids", shape: [2]) }
        #expect(type?.code == .wrongType)
        #expect(type?.summary == "\(path): tensor 'ids': expected float tensor [2], found I64 tensor [2]")
    }

    @Test("Throws an error, instead of raising a signal, if the file shrinks after it was opened")
    func shrinking() throws {
        let bytes = SafeTensorsBytes.make([
            ("w", "F32", [4], SafeTensorsBytes.f32([1, 2, 3, 4])), ("h", "F16", [2], SafeTensorsBytes.u16([0, 0])),
        ])
        let file = try self.open(bytes)
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.truncate(atOffset: UInt64(bytes.count - 12))
        let error = #expect(throws: WeightError.self) { try self.read(file, "w", shape: [4]) }
        #expect(error?.description.contains("changed while in use") == true)
        #expect(throws: WeightError.self) { try self.read(file, "h", shape: [2]) }
        #expect(throws: CheckpointError.self) { try file.checksum() }
    }

    @Test("Computes the checksum that sha256sum prints")
    func checksum() throws {
        func checksum(_ bytes: [UInt8]) throws -> String {
            try InputFile(path: self.directory.write(bytes, to: "file")).sha256()
        }
        // FIPS 180-2, and the two sides of the block in which the file is read.
        #expect(try checksum([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            try checksum(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            try checksum([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(
            try checksum([UInt8](repeating: 0, count: (1 << 20) + 1))
                == "2cb74edba754a81d121c9db6833704a8e7d417e5b13d1a19f4a52f007d644264")
        #expect(try self.open(SafeTensorsBytes.make([])).checksum().hasPrefix("sha256:"))
    }
}
