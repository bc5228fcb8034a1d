import CardData
import Foundation
import Registry

/// People whom nobody is, by number; area 99 belongs to nobody.
enum InventedPeople {
    /// An invented name; some are much more frequent than others, as they are.
    static func name(_ index: Int) -> String {
        let (families, given) = (Array("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"), Array("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"))
        let family = families[min(index % 20, index / 7 % 20)]
        return String([family, given[index / 3 % 20], given[index / 61 % 20]])
    }

    /// The person of a number.
    static func person(_ index: Int) throws -> Person {
        let (year, month, day) = (1930 + index / 28 / 12 / 999 % 90, 1 + index / 28 / 999 % 12, 1 + index / 999 % 28)
        let body = "990101" + String(year) + String(format: "%02d%02d%03d", month, day, 1 + index % 999)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
        let number = try CitizenNumber(body + String(Array("10X98765432")[sum % 11]))
        return Person(
            number: .citizen(number), name: try PersonName(name(index)), sex: number.sex,
            ethnicGroup: try EthnicGroup("01"), birthDate: number.birthDate, birthPlace: "990101")
    }
}
