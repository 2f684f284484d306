/// When a log is rotated, and how many old files are kept: `FILE.1` is the newest of them.
public struct LogRotation: Sendable, Hashable {
    /// In bytes; a file grows no larger than this, but for a single line that is.
    public var maximumSize: Int
    /// How many old files are kept; at least one.
    public var keep: Int

    /// What is kept where nothing is said.
    public static let usualKeep = 5

    public init(maximumSize: Int, keep: Int = Self.usualKeep) {
        self.maximumSize = maximumSize
        self.keep = max(1, keep)
    }

    /// What a user may ask for; smaller files would be gone before anybody read them.
    public static let sizes = 4096...(1 << 50)
    /// How many a user may ask for.
    public static let keeps = 1...1000

    /// A size as users write it, in bytes: `10M`, `512k`, `1G`, in powers of 1024, or a plain number.
    ///
    /// - Returns: `nil` for what is no size, or lies outside of ``sizes``.
    public static func size(_ text: String) -> Int? {
        let units: [Character: Int] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(digits) else {
            return nil
        }
        let (bytes, hasOverflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return !hasOverflow && self.sizes.contains(bytes) ? bytes : nil
    }

    /// The renames that make room for a new file, in their order; after any of them, a crash loses nothing.
    ///
    /// Only as many files move up as stand without a gap, so a rotation that broke off is taken up where it stopped,
    /// and the oldest goes only when there are more than ``keep``.
    ///
    /// - Parameter exists: Whether there is an old file with a number.
    func moves(exists: (Int) -> Bool) -> [Move] {
        let free = (1...self.keep).first { !exists($0) } ?? self.keep
        return (1...free).reversed().map { Move(from: $0 - 1, to: $0) }
    }

    /// A rename of the file with one number to another; 0 is the log itself.
    struct Move: Hashable {
        var from: Int
        var to: Int
    }
}
