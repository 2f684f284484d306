package import GerundTensor

/// Lets tests look at the values between two layers: called with their name and rows as soon as they are computed.
package typealias Trace = (_ name: String, _ rows: MatrixView) -> Void
