// Decodes every event of a binlog file with mysql_common and prints how many row images it saw.
use mysql_common::binlog::{consts::BinlogVersion, events::EventData, BinlogFile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: mysql_common FILE")?;
    let file = std::io::BufReader::with_capacity(1 << 20, std::fs::File::open(path)?);
    let mut log = BinlogFile::new(BinlogVersion::Version4, file)?;
    let (mut events, mut images) = (0u64, 0u64);
    while let Some(event) = log.next() {
        let event = event?;
        events += 1;
        if let Some(EventData::RowsEvent(data)) = event.read_data()? {
            if let Some(table) = log.reader().get_tme(data.table_id()) {
                for row in data.rows(table) {
                    let row = row?;
                    images += row.0.is_some() as u64 + row.1.is_some() as u64;
                    std::hint::black_box(&row);
                }
            }
        }
    }
    println!("{events} events, {images} row images");
    Ok(())
}
