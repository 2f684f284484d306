/// The 64-bit FNV-1a hash (Fowler, Noll and Vo): the same on every machine and in every run, unlike `Hasher`.
///
/// The hash is not suitable for secrets. Event ids and synthetic weights depend on its values.
public enum FNV1a {
    /// The offset basis of the published algorithm.
    @inlinable public static var offsetBasis: UInt64 { 0xCBF2_9CE4_8422_2325 }

    /// Returns the hash of some bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - basis: The initial value; another one gives an independent hash of the same bytes.
    /// - Returns: The hash.
    @inlinable
    public static func hash(_ bytes: some Sequence<UInt8>, basis: UInt64 = FNV1a.offsetBasis) -> UInt64 {
        bytes.reduce(basis) { hash, byte in (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
}
