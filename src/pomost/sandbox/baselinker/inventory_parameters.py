"""Parameters of the catalogue's methods (reference, section 10), in the form of `pomost.sandbox.baselinker.parameters`."""

from pomost.sandbox.baselinker.parameters import Parameter, table

ADDRESS = "address text200, postcode text20, city text100, country text50"
FILTERS = """
    filter_id int, filter_category_id int, filter_ean text32, filter_sku text50, filter_asin text50,
    filter_name text200, filter_price_from float, filter_price_to float, filter_stock_from int, filter_stock_to int,
    filter_locations any
"""
MANUFACTURER = """
    manufacturer_name text200, manufacturer_photo text1000, manufacturer_url text1000, manufacturer_street text200,
    manufacturer_postcode text20, manufacturer_city text100, manufacturer_state text100,
    manufacturer_country_code text2, manufacturer_email text150, manufacturer_phone text100
"""

PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "getInventories": (),
    "addInventory": table(
        "inventory_id int, name text100*, description text, languages any, default_language text2",
        "price_groups ints, default_price_group int, warehouses any, default_warehouse text30, reservations bool",
    ),
    "deleteInventory": table("inventory_id int!"),
    "getInventoryWarehouses": (),
    "addInventoryWarehouse": table(
        "warehouse_id int, name text100*, description text, stock_edition bool", ADDRESS
    ),
    "deleteInventoryWarehouse": table("warehouse_id int!"),
    "getInventoryPriceGroups": (),
    "addInventoryPriceGroup": table(
        "price_group_id int, name text100*, description text, currency text3, price_group_type text20",
        "source_price_group_id int, price_multiplier float, price_addition float",
    ),
    "deleteInventoryPriceGroup": table("price_group_id int!"),
    "getInventoryCategories": table("inventory_id int"),
    "addInventoryCategory": table("inventory_id int, category_id int, name text200!, parent_id int*"),
    "deleteInventoryCategory": table("category_id int!"),
    "getInventoryManufacturers": table("page int"),
    "addInventoryManufacturer": table("manufacturer_id int, name text200", MANUFACTURER),
    "deleteInventoryManufacturer": table("manufacturer_id int!"),
    "getInventoryTags": (),
    "getInventoryExtraFields": (),
    "getInventoryIntegrations": table("inventory_id int!"),
    "getInventoryAvailableTextFieldKeys": table("inventory_id int!"),
    "getInventoryPrintoutTemplates": (),
    "getInventoryProductsList": table(
        "inventory_id int!, page int, filter_sort text20, include_variants bool", FILTERS
    ),
    "getInventoryProductsData": table(
        "inventory_id int!, products ints!, include_erp_units bool, include_wms_units bool",
        "include_additional_eans bool, include_suppliers bool, include_relations bool",
        "include_marketplace_categories bool, include_channels_media bool",
    ),
    "addInventoryProduct": table(
        "inventory_id int!, product_id int, parent_id int, is_bundle bool, sku any, ean any, ean_additional list",
        "asin text50, tags any, tax_rate float, weight float, height float, width float, length float",
        "average_cost float, star int, manufacturer_id int, category_id int, prices map, stock map, locations map",
        "text_fields map, images map, links map, bundle_products map, suppliers list, videos any, media_options any",
    ),
    "deleteInventoryProduct": table("product_id int!"),
    "getInventoryProductsStock": table("inventory_id int!, page int", FILTERS),
    "updateInventoryProductsStock": table("inventory_id int!, products map1000!"),
    "getInventoryProductsPrices": table("inventory_id int!, page int", FILTERS),
    "updateInventoryProductsPrices": table("inventory_id int!, products map1000!"),
    "getInventoryProductLogs": table(
        "product_id int!, date_from int, date_to int, log_type any, sort text4, page int"
    ),
    "runProductMacroTrigger": table("product_id int!, trigger_id int!"),
}
