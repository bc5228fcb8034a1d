import ArgumentParser
import CardData
import Foundation
import Issuing
import Lifecycle
import SmartCardReader

/// Pieces whose chips are read instead of being typed.
struct ChipOptions: ParsableArguments {
    @Flag(help: "读取所有读卡器 Read the chips that lie in the readers now.") var readers = false
    @Flag(help: "逐张读取 Read every chip that is put into a reader, until Enter.") var feed = false

    /// The chips, each once.
    func read(_ site: Site) async throws -> [ReadPiece] {
        var chips: [ReadPiece] = []
        if readers {
            for reader in try ReaderList.current() where reader.isCardPresent {
                let chip = try site.library.piece(in: reader)
                if !chips.contains(chip) { chips.append(chip) }
            }
            guard !chips.isEmpty || feed else { throw Faults("stock.no-chip") }
        }
        if feed { chips = try await fed(site, after: chips) }
        return chips
    }

    private func fed(_ site: Site, after first: [ReadPiece]) async throws -> [ReadPiece] {
        Terminal.tell("请逐张放卡，读完按回车 Put in card after card; Enter ends it.")
        let task = Task {
            var chips = first
            for await event in ReaderEvents() {
                if Task.isCancelled { break }
                guard case .cardInserted(let reader) = event else { continue }
                do {
                    let chip = try site.library.piece(in: reader)
                    if chips.contains(chip) {
                        Terminal.tell("\(ChipSerials.spoken(chip.serial))  已读过 read before")
                    } else {
                        chips.append(chip)
                        Terminal.tell("\(chips.count)  \(ChipSerials.spoken(chip.serial))")
                    }
                } catch {
                    // A chip that says nothing is put aside and told; the count shows it as missing.
                    _ = ErrorReport(error).print()
                }
            }
            return chips
        }
        // A line of standard input is waited for on a thread of its own.
        Thread.detachNewThread {
            _ = readLine()
            task.cancel()
        }
        return await task.value
    }
}
