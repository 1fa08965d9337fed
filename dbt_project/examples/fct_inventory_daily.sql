-- What is out of stock now?
select place_id, product_name, on_hand_quantity
from marts.fct_inventory_daily
where is_stock_out and stock_date = (select max(stock_date) from marts.fct_inventory_daily)
order by all;

-- What will run out within a week?
select stores.store_name, stock.product_name, stock.on_hand_quantity, stock.days_of_cover
from marts.fct_inventory_daily as stock
inner join marts.dim_stores as stores using (store_id)
where stock.days_of_cover < 7 and stock.stock_date = (select max(stock_date) from marts.fct_inventory_daily)
order by stock.days_of_cover;

-- Where do units vanish that nobody sold?
select place_id, product_code, sum(other_moves_quantity) as other_moves_quantity
from marts.fct_inventory_daily
where other_moves_quantity < 0
group by all
order by other_moves_quantity;
