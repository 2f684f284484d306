import GerundCore
import Testing

@Suite("Collection numerics")
struct CollectionNumericsTests {
    @Test("Computes the logarithm of a sum of exponentials without overflow")
    func logSumExp() {
        #expect(([0, 0] as [Double]).logSumExp == 0.693_147_180_559_945_3)
        #expect(([1000, 1000] as [Double]).logSumExp == 1000.693_147_180_559_9)
        #expect(([-1000] as [Double]).logSumExp == -1000)
        #expect(([] as [Double]).logSumExp == -.infinity)
        #expect(([.infinity, 0] as [Double]).logSumExp == .infinity)
    }

    @Test("Computes a softmax that sums to 1")
    func softmax() {
        let values = ([1, 2, 3] as [Double]).softmax
        #expect(abs(values[2] - 0.665_240_955_774_821_8) < 1e-15)
        #expect(abs(values.reduce(0, +) - 1) < 1e-15)
        #expect(([500, -500] as [Double]).softmax == [1, 0])
    }

    @Test("Returns the middle element, or the mean of the two middle ones")
    func median() {
        #expect(([] as [Double]).median == nil)
        #expect(([3, 1, 2] as [Double]).median == 2)
        #expect(([4, 1, 2, 3] as [Double]).median == 2.5)
        #expect([Duration.seconds(4), .seconds(1)].median == .seconds(2.5))
        #expect([Duration.seconds(9)].median == .seconds(9))
    }
}
