import Foundation
import GerundCore
import GerundTensor
import GerundTesting
import Testing

@testable import GerundCheckpoint

@Suite("SafeTensors: damaged files")
struct SafeTensorsDamageTests {
    let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    /// An invalid file, and a part of the expected message.
    struct Damage: CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var message: String

        init(_ name: String, _ bytes: [UInt8], _ message: String) {
            self.testDescription = name
            self.bytes = bytes
            self.message = message
        }

        /// Creates a header with one entry `w`, followed by eight bytes of data.
        init(_ name: String, dtype: String = "F32", shape: String = "[2]", offsets: String, _ message: String) {
            let header = "{" + SafeTensorsBytes.entry("w", dtype, shape, offsets) + "}"
            self.init(
                name, SafeTensorsBytes.make(header: header, data: [UInt8](repeating: 0, count: 8)), message)
        }

        /// Creates a header, followed by eight bytes of data.
        init(_ name: String, header: String, _ message: String) {
            self.init(
                name, SafeTensorsBytes.make(header: header, data: [UInt8](repeating: 0, count: 8)), message)
        }
    }

    static let good = SafeTensorsBytes.make([("w", "F32", [2], [UInt8](repeating: 0, count: 8))])
    static func two(_ first: String, _ second: String, _ secondLength: Int = 4) -> String {
        "{" + SafeTensorsBytes.entry("a", "U8", "[4]", first) + ","
            + SafeTensorsBytes.entry("b", "U8", "[\(secondLength)]", second) + "}"
    }

    static let damages: [Damage] = [
        // Lengths
        Damage("empty", [], "empty"),
        Damage("seven bytes", [1, 2, 3, 4, 5, 6, 7], "not a safetensors file"),
        Damage("text", Array("hello, this is text".utf8), "implausible"),
        Damage("header beyond the file", SafeTensorsBytes.make(header: "{}", headerLength: 3), "truncated"),
        Damage("huge header", SafeTensorsBytes.make(header: "{}", headerLength: .max), "implausible"),
        Damage("header length 0", SafeTensorsBytes.make(header: ""), "unexpected end of input"),
        Damage("data truncated", good.dropLast(), "truncated"),
        Damage("data gone", good.dropLast(8), "truncated"),
        Damage("bytes after the data", good + [0], "belong to no tensor"),
        // JSON
        Damage("header not JSON", header: "{not JSON}", "line 1, column 2"),
        Damage("header a list", header: "[]", "not a JSON object"),
        Damage("header after a space", header: " {}", "not a JSON object"),
        Damage("header not UTF-8", SafeTensorsBytes.littleEndian(UInt64(6)) + [123, 34, 255, 34, 58, 125], "UTF-8"),
        Damage("header broken off", header: #"{"w": {"dtype": "F32""#, "expected ',' or '}'"),
        Damage("text after the header", header: "{} {}", "after the value"),
        Damage("nested deeply", header: String(repeating: #"{"a":"#, count: 100_000), "levels deep"),
        Damage(
            "a name twice",
            header: "{" + SafeTensorsBytes.entry("w", "F32", "[1]", "[0, 4]") + ","
                + SafeTensorsBytes.entry("w", "F32", "[1]", "[4, 8]") + "}", "duplicate name 'w'"),
        Damage("metadata a list", header: #"{"__metadata__": []}"#, "__metadata__"),
        Damage("metadata a number", header: #"{"__metadata__": {"a": 1}}"#, "'a' is not a string"),
        // Entries
        Damage("entry a list", header: #"{"w": []}"#, "expected an object"),
        Damage("no dtype", header: #"{"w": {"shape": [2], "data_offsets": [0, 8]}}"#, "'dtype'"),
        Damage("no shape", header: #"{"w": {"dtype": "F32", "data_offsets": [0, 8]}}"#, "'shape'"),
        Damage("no offsets", header: #"{"w": {"dtype": "F32", "shape": [2]}}"#, "'data_offsets'"),
        Damage("unknown dtype", dtype: "F31", offsets: "[0, 8]", "unknown dtype 'F31'"),
        Damage("negative extent", shape: "[-2]", offsets: "[0, 8]", "'shape'"),
        Damage("fractional extent", shape: "[2.0]", offsets: "[0, 8]", "'shape'"),
        Damage("huge extent", shape: "[99999999999999999999]", offsets: "[0, 8]", "'shape'"),
        Damage("shape overflow", shape: "[4294967296, 4294967296, 4]", offsets: "[0, 8]", "invalid size"),
        // Offsets
        Damage("offsets swapped", offsets: "[8, 0]", "begin and an end"),
        Damage("negative offset", offsets: "[-8, 0]", "begin and an end"),
        Damage("three offsets", offsets: "[0, 8, 8]", "begin and an end"),
        Damage("offset text", offsets: #"["0", 8]"#, "begin and an end"),
        Damage("offset beyond 64 bits", offsets: "[0, 1e30]", "begin and an end"),
        Damage(
            "offset at the end of 64 bits", offsets: "[9223372036854775799, 9223372036854775807]", "out of range"),
        Damage("size against shape", shape: "[3]", offsets: "[0, 8]", "has 12 bytes"),
        Damage("no whole bytes", dtype: "F4", shape: "[3]", offsets: "[0, 1]", "invalid size"),
        Damage("past the end", offsets: "[8, 16]", "truncated"),
        // Coverage
        Damage("overlap", header: two("[0, 4]", "[2, 6]"), "overlaps"),
        Damage("same bytes twice", header: two("[0, 4]", "[0, 4]"), "overlaps"),
        Damage("hole at the start", header: two("[1, 5]", "[5, 9]"), "belong to no tensor"),
        Damage("hole between", header: two("[0, 4]", "[5, 8]", 3), "belong to no tensor"),
        Damage("hole at the end", header: "{" + SafeTensorsBytes.entry("w", "U8", "[4]", "[0, 4]") + "}", "last 4"),
    ]

    @Test("Are refused when they are opened, with the reason in one line", arguments: damages)
    func refused(damage: Damage) throws {
        let path = try self.directory.write(damage.bytes, to: "model.safetensors")
        let error = #expect(throws: CheckpointError.self) { try SafeTensors(path: path) }
        #expect(error?.code == .malformed)
        let description = error?.summary ?? ""
        #expect(description.hasPrefix("\(path): ") && description.contains(damage.message), "\(description)")
        #expect(!description.contains("\n"))
    }

    @Test("Are refused if truncated at any byte")
    func truncated() throws {
        for length in 0..<Self.good.count {
            let path = try self.directory.write(Array(Self.good.prefix(length)), to: "model.safetensors")
            #expect(throws: CheckpointError.self, "\(length) bytes") { try SafeTensors(path: path) }
        }
    }

    @Test("Are distinguished from missing, special and unreadable files")
    func notAFile() throws {
        func code(_ path: String) -> CheckpointError.Code? {
            #expect(throws: CheckpointError.self) { try SafeTensors(path: path) }?.code
        }
        #expect(code(self.directory.path("nothing")) == .notFound)
        #expect(code(self.directory.path) == .wrongKind)
        #expect(code("/dev/null") == .wrongKind)
        let path = try self.directory.write(Self.good, to: "locked.safetensors")
        #expect(code("\(path)/below") == .notFound)
        // A symbolic link to itself instead of missing permissions, which the superuser doesn't need.
        let loop = self.directory.path("loop")
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
        #expect(code(loop) == .unreadable)
    }

    @Test("Open and read, or throw, after any mutation", arguments: 0..<8 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        let valid = SafeTensorsBytes.make([
            ("a", "F32", [2, 3], [UInt8](repeating: 1, count: 24)), ("b", "F16", [2], [1, 2, 3, 4]),
            ("c", "I64", [], [UInt8](repeating: 2, count: 8)), ("d", "BF16", [2], [1, 2, 3, 4]),
        ])
        let headerEnd = valid.count - 40
        var random = SplitMix64(seed: seed)
        var opened = 0
        for round in 0..<500 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // In the header: any data is valid.
                let index = Int.random(in: 0..<min(headerEnd, bytes.count), using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes[index] = Array("0123456789-.eE[]{},:\"".utf8).randomElement(using: &random)!
                case 3: bytes.remove(at: index)
                case 4: bytes.insert(bytes[Int.random(in: 8..<headerEnd, using: &random)], at: index)
                default: bytes.removeLast(Int.random(in: 0...min(4, bytes.count - 1), using: &random))
                }
                guard bytes.count > 8 else { break }
            }
            // Corrects the length half of the time, so that the JSON is tested too.
            if Bool.random(using: &random), bytes.count > 48 {
                bytes.replaceSubrange(0..<8, with: SafeTensorsBytes.littleEndian(UInt64(bytes.count - 48)))
            }
            let path = try self.directory.write(bytes, to: "model.safetensors")
            do {
                let file = try SafeTensors(path: path)
                opened += 1
                for name in file.names {
                    let info = try #require(file.info(name))
                    #expect(info.byteRange.upperBound <= bytes.count, "seed \(seed), round \(round)")
                    var values = [Float](repeating: 0, count: info.shape.reduce(1, *))
                    var span = values.mutableSpan
                    do throws(WeightError) {
                        try file.read(name, shape: info.shape, into: &span)
                    } catch {
                        #expect(error.code == .wrongType, "seed \(seed), round \(round)")
                    }
                }
            } catch let error as CheckpointError {
                #expect(error.code == .malformed, "seed \(seed), round \(round): \(error)")
            }
        }
        #expect(opened > 0, "seed \(seed): no mutated file could be opened, so reading was not tested")
    }
}
