import CardData
import Lifecycle
import Testing

@testable import CounterService

/// The serials that somebody types into a form of stock.
@Suite struct StockFormTests {
    private func faults(_ serials: String) -> [Fault] {
        let person = Operator(number: 3001, name: "库管", roles: [.stockKeeper])
        do throws(Faults) {
            _ = try StockForm.receive.act(
                by: person, today: 20_261_130, Fields(values: ["kind": "blank", "serials": serials]))
            return []
        } catch {
            return error.faults
        }
    }

    /// Of two thousand lines the wrong one is named.
    @Test func theLineOfABadSerialIsNamed() {
        let good = (0..<50).map { "A0B1C2D3E4F5\($0 < 10 ? "0" : "")\($0)" }
        #expect(faults(good.joined(separator: "\n")).isEmpty)
        for (line, value) in [(1, "XYZ"), (20, "A0B"), (51, good[3]), (7, String(repeating: "AB", count: 17))] {
            var lines = good
            lines.insert(value, at: line - 1)
            let told = faults(lines.joined(separator: "\r\n"))
            #expect(told.map(\.code) == ["counter.serial-line"], "\(value)")
            #expect(told.first?.parameters["line"] == String(line), "\(value)")
            #expect(told.first?.parameters["value"] == value, "\(value)")
        }
    }

    @Test func nothingAtAllHasNoLine() {
        #expect(faults(" ").map(\.code) == ["counter.serials"])
        #expect(
            faults(Array(repeating: "Z", count: 500).joined(separator: "\n")).count == 20, "a page tells so many")
    }
}
