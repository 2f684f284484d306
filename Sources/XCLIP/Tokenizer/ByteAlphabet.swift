/// The printable characters that stand for bytes in a byte-level vocabulary.
///
/// As `bytes_to_unicode` of GPT-2 (<https://github.com/openai/gpt-2/blob/master/src/encoder.py>): printable bytes of
/// Latin-1 stand for themselves; the others stand, in their order, for the characters from U+0100 on, so that the space
/// is `Ġ`.
enum ByteAlphabet {
    /// The character of each byte.
    static let characters: [Character] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Character(Unicode.Scalar(byte))
            default:
                defer { next += 1 }
                return Unicode.Scalar(next).map { Character($0) } ?? " "  // no value of 0x100...0x143 is invalid
            }
        }
    }()
}
